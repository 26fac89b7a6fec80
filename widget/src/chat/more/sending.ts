/** Photos: made small in the browser, then uploaded. */

import { Refused } from "../api";
import type { Photo } from "../photos";
import type { ChatWindow } from "../window";
import * as words from "../words";

const KINDS = /^image\/(jpeg|png|webp)$/;
const MOST = 4;
const LONGEST_SIDE = 1600;
const QUALITY = 0.85;

export async function addPhotos(ui: ChatWindow, files: File[]): Promise<void> {
  let trouble = "";
  for (const file of files) trouble = (await added(ui, file)) || trouble;
  ui.complain(trouble);
}

/** Why the file was not taken, or nothing. */
async function added(ui: ChatWindow, file: File): Promise<string> {
    if (!KINDS.test(file.type)) return words.refused.kind;
  if (ui.chat.photos.length >= MOST) return words.refused.many;
  try {
    const content = await redrawn(file);
    const preview = URL.createObjectURL(content);
    const photo: Photo = { preview, part: 0, state: "sending", content, cut: new AbortController() };
    ui.chat.photos.push(photo);
    void send(ui, photo);
    return "";
  } catch {
    return words.refused.unreadable;
  }
}

/** Drawn anew: at most 1600 pixels long, without place, device or date. */
async function redrawn(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  if (!pen) throw new TypeError("no canvas");
  pen.fillStyle = "#fff"; // JPEG has no transparency
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new TypeError("no blob"))),
      "image/jpeg",
      QUALITY,
    ),
  );
}

export async function send(ui: ChatWindow, photo: Photo): Promise<void> {
  const progress = (part: number) => {
    photo.part = part;
    ui.requestUpdate();
  };
  photo.state = "sending";
  delete photo.problem;
  progress(0);
  try {
    photo.upload_id = await uploaded(ui, photo, progress);
    photo.state = "ready";
  } catch (error) {
    photo.state = "failed";
    if (error instanceof Refused) photo.problem = error.detail;
  }
  ui.requestUpdate();
}

/** The upload's id. XMLHttpRequest, since fetch tells no progress. */
function uploaded(ui: ChatWindow, photo: Photo, progress: (part: number) => void): Promise<string> {
  const form = new FormData();
  form.append("file", photo.content, "photo.jpg");
  const request = new XMLHttpRequest();
  photo.cut.signal.addEventListener("abort", () => request.abort());
  return new Promise((resolve, reject) => {
    request.open("POST", ui.options.desk + "/chat/uploads");
    request.setRequestHeader("Authorization", `Bearer ${ui.chat.desk.token}`);
    request.responseType = "json";
    request.upload.onprogress = (event) => progress(event.loaded / (event.total || 1));
    request.onload = () =>
      request.status === 201
        ? resolve(request.response.upload_id)
        : reject(new Refused(request.status, request.response?.detail ?? ""));
    request.onerror = request.onabort = () => reject(new TypeError("unreachable"));
    request.send(form);
  });
}
