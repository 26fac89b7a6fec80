/** One customer's conversation: what was said, what is on its way, how it stands. */

import { newId } from "../ids";
import * as storage from "../storage";
import { Desk, isOver } from "./api";
import type { Message, Mode, Opened, Outgoing, Told } from "./messages";
import { outboxOf } from "./outbox";
import { drop, inState, type Photo } from "./photos";
import { picturesOf, type Pictures } from "./pictures";
import { streamOf } from "./stream";
import { backoff, pause } from "./waiting";

export type Entry = { message: Message; outgoing?: never } | { outgoing: Outgoing; message?: never };

export interface Watcher {
  requestUpdate(): void;
  heard(message: Message): void;
  turned(mode: Mode): void;
}

export class Conversation {
  messages: Message[] = [];
  mode: Mode = "bot";
  state: "idle" | "opening" | "ready" = "idle";
  connected = true;
  notice: "ended" | "erased" | "partly" | null = null;
  /** Those of the customer's that the desk may not have yet. */
  waiting: Outgoing[] = [];
  photos: Photo[] = [];
  readonly outbox = outboxOf(this);
  readonly pictures: Pictures;
  private readonly stream = streamOf(this);
  private begins = 0;
  private seen = storage.kept("seen") ?? 0;

  constructor(
    readonly desk: Desk,
    private readonly language: string,
    private readonly watcher: Watcher,
  ) {
    desk.token = storage.kept("token") ?? "";
    this.pictures = picturesOf(desk, () => this.changed());
    storage.onOtherTab(() => this.followOtherTab());
  }

  get lastSeq(): number {
    return this.messages[this.messages.length - 1]?.seq ?? 0;
  }

  /** Up to where no message is missing; all are counted from 1. */
  get completeSeq(): number {
    let seq = 0;
    while (this.messages[seq]?.seq === seq + 1) seq++;
    return seq;
  }

  get unread(): number {
    return this.messages.filter((m) => m.seq > this.seen && m.author !== "customer").length;
  }

  get typing(): boolean {
    return this.mode === "bot" && this.waiting.some((m) => m.state === "sending");
  }

  /** Messages in the order of the desk; what it does not have yet stands last. */
  get entries(): Entry[] {
    const known = new Set(this.messages.map((message) => message.message_id));
    const place = (entry: Entry) => entry.message?.seq ?? entry.outgoing?.place ?? Infinity;
    const entries: Entry[] = this.messages.map((message) => ({ message }));
    for (const outgoing of this.waiting) {
      if (!known.has(outgoing.message_id)) entries.push({ outgoing });
    }
    return entries.sort((a, b) => (place(a) < place(b) ? -1 : 1));
  }

  /** Open the conversation there is, or a new one; goes on trying. */
  async begin(): Promise<void> {
    if (this.state !== "idle") return;
    this.state = "opening";
    this.changed();
    const mine = ++this.begins;
    for (let tried = 0; this.begins === mine; tried++) {
      try {
        return await this.enter();
      } catch (error) {
        if (isOver(error)) return this.lost();
      }
      this.reached(false);
      await pause(backoff(tried));
    }
  }

  say(said: { text?: string; button_ids?: string[]; shown?: string }): void {
    const { text, button_ids, shown = text ?? "" } = said;
    const ready = inState(this.photos, "ready");
    this.photos = this.photos.filter((photo) => !ready.includes(photo));
    const upload_ids = ready.map(({ upload_id = "", preview }) => {
      this.pictures.know(`/chat/uploads/${upload_id}`, preview);
      return upload_id;
    });
    this.notice = null;
    this.outbox.add({
      message_id: newId(),
      at: new Date().toISOString(),
      shown,
      state: "sending",
      ...(text && { text }),
      ...(button_ids && { button_ids }),
      ...(upload_ids.length && { upload_ids }),
    });
  }

  remove(message_id: string): void {
    this.waiting = this.waiting.filter((message) => message.message_id !== message_id);
    this.changed();
  }

  read(): void {
    if (this.seen >= this.lastSeq) return;
    this.seen = this.lastSeq;
    storage.keep("seen", this.seen);
    this.changed();
  }

  /** Over here; the shop keeps what it needs. */
  reset(notice: Conversation["notice"]): void {
    storage.forget();
    this.clear("", notice);
  }

  answered(sent: Outgoing, { messages, mode }: Told): void {
    const before = this.lastSeq;
    const fresh = messages.filter((message) => this.put(message));
    const first = messages[0]?.seq ?? before + 1;
    sent.place = first - 0.5;
    // A spent button changes nothing: the desk only asks its question again.
    const spent = sent.button_ids && messages.length && !fresh.length && first <= before;
    if (spent || this.messages.some((m) => m.message_id === sent.message_id)) {
      this.remove(sent.message_id);
    }
    fresh.forEach((message) => this.watcher.heard(message));
    this.turn(mode);
    this.changed();
  }

  heard(message: Message): void {
    if (this.put(message)) this.watcher.heard(message);
    this.changed();
  }

  reached(is: boolean): void {
    if (is === this.connected) return;
    this.connected = is;
    if (is) this.outbox.retry();
    this.changed();
  }

  refused(error: unknown): void {
    if (isOver(error)) this.lost();
  }

  turn(mode: Mode): void {
    if (mode === this.mode) return;
    this.mode = mode;
    this.watcher.turned(mode);
    this.changed();
  }

  /** The desk no longer knows this session: a new one, with what was not sent. */
  lost(): void {
    const unsent = this.waiting.filter((m) => m.state === "sending" && m.text);
    this.reset("ended");
    this.waiting = unsent.map(({ message_id, at, shown, text = "" }) => {
      return { message_id, at, shown, text, state: "sending" as const };
    });
    void this.begin();
  }

  changed(): void {
    if (this.desk.token) storage.keep("outbox", this.waiting);
    this.watcher.requestUpdate();
  }

  private async enter(): Promise<void> {
    const { desk, outbox, language } = this;
    if (desk.token) {
      const left = (storage.kept("outbox") ?? []).filter((m) => m.state !== "sent");
      if (!this.waiting.length) this.waiting = left;
      this.take(await desk.json("GET", "/chat/messages?after=0"));
    } else {
      const opened = await desk.json<Opened>("POST", "/chat/sessions", { language });
      storage.keep("token", (desk.token = opened.token));
      this.take(opened);
    }
    this.state = "ready";
    this.connected = true;
    this.stream.start();
    outbox.retry();
  }

  private take({ messages, mode }: Told): void {
    messages.forEach((message) => this.put(message));
    this.mode = mode;
  }

  /** Each message once, in order; true if it is new. */
  private put(message: Message): boolean {
    const at = this.messages.findIndex((other) => other.seq >= message.seq);
    const isNew = this.messages[at]?.seq !== message.seq;
    this.messages.splice(at < 0 ? Infinity : at, isNew ? 0 : 1, message);
    if (message.message_id) this.arrived(message.message_id);
    return isNew;
  }

  private arrived(message_id: string): void {
    const sent = this.waiting.find((m) => m.message_id === message_id);
    if (!sent) return;
    if (sent.state !== "sending") this.remove(message_id);
    else sent.place = this.lastSeq; // its answer is still being waited for
  }

  private clear(token: string, notice: Conversation["notice"]): void {
    this.stream.stop();
    this.photos.forEach(drop);
    this.pictures.clear();
    this.begins++;
    this.desk.token = token;
    Object.assign(this, { messages: [], waiting: [], photos: [], mode: "bot", seen: 0 });
    Object.assign(this, { state: "idle", notice, connected: true });
    this.changed();
  }

  private followOtherTab(): void {
    const token = storage.kept("token") ?? "";
    if (token === this.desk.token) return;
    this.clear(token, token ? null : "ended");
    if (token) void this.begin();
  }
}

/** The last message that waits for something, unless the customer has answered. */
export function questionIn(entries: Entry[]): Message | undefined {
  for (let n = entries.length - 1; n >= 0; n--) {
    const message = entries[n]?.message;
    if (!message || message.author === "customer") return undefined;
    if (message.expects || message.buttons.length > 0) return message;
  }
  return undefined;
}

/** Whether a return has begun: what it needs later on is asked for once for each message. */
export function needsMore(question: Message | undefined, messages: Message[]): boolean {
  return Boolean(question?.expects) || messages.some((m) => m.asked || m.facts?.length);
}
