/** The customer's photos above the field, on their way to the desk. */

import { h, type Part } from "../../nodes";
import { drop, type Photo } from "../photos";
import { CAMERA, CLOSE, icon, PHOTO } from "../views/icons";
import type { ChatWindow } from "../window";
import * as words from "../words";
import { send } from "./sending";

export function wanted(ui: ChatWindow): Part {
  return (
    <div class="wanted">
      <input
        type="file"
        id="camera"
        hidden
        capture="environment"
        accept="image/*"
        onchange={ui.files.picked}
      />
      {ui.isTouch && way("primary", CAMERA, words.camera, () => ui.find("camera")?.click())}
      {way(ui.isTouch ? "quiet" : "primary", PHOTO, words.photo, () => ui.pick())}
    </div>
  );
}

function way(kind: string, path: string, title: string, onclick: () => void): Part {
  return (
    <button type="button" class={kind} onclick={onclick}>
      {icon(path)}
      <span>{title}</span>
    </button>
  );
}

export function tray(ui: ChatWindow): Part {
  return <div class="tray">{ui.chat.photos.map((photo) => thumb(photo, ui))}</div>;
}

function thumb(photo: Photo, ui: ChatWindow): Part {
  const { state, preview, problem } = photo;
  const percent = Math.round(photo.part * 100);
  const sending = words.photoSending(percent);
  const told = { sending, ready: words.photoReady, failed: problem || words.photoFailed }[state];
  return (
    <div class={"thumb " + state} key={preview}>
      <img src={preview} alt={told} />
      {state === "sending" && <progress max="100" value={percent} aria-label={sending} />}
      {state === "failed" && <p role="alert">{told}</p>}
      {state === "failed" && (
        <button type="button" class="plain" onclick={() => send(ui, photo)}>
          {words.retry}
        </button>
      )}
      <button
        type="button"
        class="remove"
        aria-label={words.photoRemove}
        onclick={() => remove(photo, ui)}
      >
        <span>{icon(CLOSE)}</span>
      </button>
    </div>
  );
}

function remove(photo: Photo, ui: ChatWindow): void {
  drop(photo);
  ui.chat.photos = ui.chat.photos.filter((other) => other !== photo);
  ui.requestUpdate();
}

export function dropzone(): Part {
  return (
    <div class="dropzone">
      {icon(PHOTO)}
      <span>{words.drop}</span>
    </div>
  );
}
