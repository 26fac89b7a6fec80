/** The open chat window: what it shows now, and what its keys and buttons do. */

import { draw } from "../nodes";
import { announce } from "../page/events";
import type { Options } from "../page/options";
import type { Chat, Page } from "../page/shell";
import * as storage from "../storage";
import css from "../styles/chat.css";
import { Desk } from "./api";
import { Conversation, needsMore, questionIn, type Entry } from "./conversation";
import { filesOf } from "./files";
import type { Button, Message, Mode, Outgoing } from "./messages";
import type { More } from "./more/main";
import { inState } from "./photos";
import { scrollingOf, type Scrolling } from "./scrolling";
import { panel } from "./views/panel";
import * as words from "./words";

const PAGE = 100;

export class ChatWindow implements Chat {
  updateComplete: Promise<void> = Promise.resolve();
  readonly options: Options;
  readonly chat: Conversation;
  isOpen = false;
  menu: "menu" | "startOver" | "erase" | null = null;
  chosen = new Set<string>();
  shown = PAGE;
  trouble = "";
  order = "";
  /** What is drawn now: all that was said, and the question that is open. */
  entries: Entry[] = [];
  question: Message | undefined;
  more: More | undefined;
  readonly time: Intl.DateTimeFormat;
  readonly day: Intl.DateTimeFormat;
  readonly isTouch = matchMedia("(pointer: coarse)").matches;
  readonly files = filesOf(this);
  private pending = false;
  private drawn = 0;
  private opener: HTMLElement | null = null;
  private readonly scrolling: Scrolling;

  constructor(readonly page: Page) {
    const { lang, desk } = (this.options = page.options);
    this.order = page.order;
    page.addStyles(css);
    this.scrolling = scrollingOf(this);
    this.time = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.day = new Intl.DateTimeFormat(lang, { weekday: "long", day: "numeric", month: "long" });
    this.chat = new Conversation(new Desk(desk), lang, this);
    addEventListener("pagehide", () => this.keepDraft());
    this.requestUpdate();
    if (this.chat.desk.token) this.resume();
  }

  get heading(): string {
    return this.options.title || words.title;
  }

  get missed(): boolean {
    return this.scrolling.missed();
  }

  get field(): HTMLTextAreaElement | null {
    return this.find("field");
  }

  get maySend(): boolean {
    const { photos } = this.chat;
    const something = this.field?.value.trim() || inState(photos, "ready").length;
    return Boolean(something) && !inState(photos, "sending").length;
  }

  find<Found extends HTMLElement>(id: string): Found | null {
    return this.page.shadow.querySelector<Found>("#" + id);
  }

  heard({ author, expects = null }: Message): void {
    announce("message", { author, expects });
    if (!this.isOpen) announce("unread", { count: this.chat.unread });
  }

  turned(mode: Mode): void {
    announce("mode", { mode });
  }

  setOrder(order: string): void {
    this.order = order;
    this.requestUpdate();
  }

  open(opener: HTMLElement | null): void {
    if (this.isOpen) return;
    this.opener = opener;
    this.show();
    void this.updateComplete.then(() => this.focusField());
    announce("open", {});
  }

  close(): void {
    if (!this.isOpen) return;
    this.keepDraft();
    this.isOpen = false;
    this.menu = null;
    storage.keep("open", false);
    this.requestUpdate();
    void this.updateComplete.then(() =>
      this.opener ? this.opener.focus() : this.page.focusLauncher(),
    );
    announce("close", {});
  }

  say(text: string): void {
    this.chat.say({ text });
    this.said();
  }

  press(buttons: Button[]): void {
    const button_ids = buttons.map((button) => button.id);
    this.chat.say({ button_ids, shown: buttons.map((button) => button.title).join(", ") });
    this.said();
    // The pressed button goes away; a phone's keyboard should not come up for it.
    if (this.isTouch) this.find("log")?.focus({ preventScroll: true });
    else this.field?.focus();
  }

  choose(id: string): void {
    if (!this.chosen.delete(id)) this.chosen.add(id);
    this.requestUpdate();
  }

  edit({ message_id, text }: Outgoing): void {
    this.chat.remove(message_id);
    if (this.field) this.field.value = text ?? "";
    this.typed();
    this.field?.focus();
  }

  async showMenu(menu: ChatWindow["menu"]): Promise<void> {
    const more = await this.need();
    this.menu = more ? menu : null;
    if (more) this.complain("");
    await this.updateComplete;
    (this.find("menu")?.querySelector("button") ?? this.find("dots"))?.focus();
  }

  /** Something else begins here: nothing of the former conversation is left over. */
  cleared(): void {
    this.chosen.clear();
    this.shown = PAGE;
    void this.showMenu(null);
  }

  complain(trouble: string): void {
    this.trouble = trouble;
    this.requestUpdate();
  }

  beginAgain(): void {
    void this.chat.begin();
    void this.updateComplete.then(() => this.focusField());
  }

  showEarlier(): void {
    this.shown += PAGE;
    this.scrolling.holdPlace();
    this.requestUpdate();
  }

  toEnd(): void {
    this.scrolling.toEnd();
    this.focusField();
  }

  pick(): void {
    void this.need();
    this.find("photo")?.click();
  }

  /** The rest of the chat, loaded when it is first wanted; undefined without a network. */
  async need(): Promise<More | undefined> {
    try {
      const more = await this.page.load<More>("more", MORE_HASH);
      if (!this.more) this.page.addStyles(more.css);
      this.more = more;
      this.requestUpdate();
    } catch {
      this.complain(words.unloaded);
    }
    return this.more;
  }

  readonly scrolled = (): void => this.scrolling.scrolled();

  readonly submit = (event: Event): void => {
    event.preventDefault();
    const { field } = this;
    if (!field || !this.maySend) return;
    const text = field.value.trim();
    field.value = "";
    this.typed();
    this.say(text);
    field.focus();
  };

  readonly typed = (): void => {
    this.growField();
    this.complain("");
  };

  readonly keyInField = (event: KeyboardEvent): void => {
    // Enter ends the word that an input method is composing, and sends nothing.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    this.submit(event);
  };

  readonly keyInPanel = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      if (this.menu) void this.showMenu(null);
      else this.close();
    }
    if (event.key === "Tab" && this.scrolling.isPhone()) this.keepFocusInside(event);
  };

  /** Draw once after all that changes now. */
  requestUpdate(): void {
    if (this.pending) return;
    this.pending = true;
    this.updateComplete = Promise.resolve().then(() => {
      this.pending = false;
      this.draw();
    });
  }

  private draw(): void {
    const { chat, isOpen } = this;
    const { lastSeq } = chat;
    this.entries = chat.entries;
    this.question = questionIn(this.entries);
    draw(this.page.place, [isOpen && panel(this)]);
    this.scrolling.updated();
    if (isOpen && !document.hidden) chat.read();
    this.page.opened(isOpen, chat.unread);
    if (isOpen && this.drawn !== lastSeq) {
      this.drawn = lastSeq;
      if (needsMore(this.question, chat.messages)) void this.need();
    }
  }

  private show(): void {
    this.isOpen = true;
    storage.keep("open", true);
    this.requestUpdate();
    void this.chat.begin();
    void this.updateComplete.then(() => {
      if (this.field) this.field.value = storage.kept("draft") ?? "";
      this.typed();
    });
  }

  /** On a later page: the conversation goes on where it was, without taking the focus. */
  private resume(): void {
    if (storage.kept("open") && !this.scrolling.isPhone()) this.show();
    else void this.chat.begin();
  }

  private said(): void {
    this.chosen.clear();
    this.trouble = "";
    storage.keep("draft", "");
    this.scrolling.toEnd();
  }

  private keepDraft(): void {
    if (this.field && this.chat.desk.token) storage.keep("draft", this.field.value);
  }

  private focusField(): void {
    (this.field ?? this.find("log"))?.focus({ preventScroll: true });
  }

  private growField(): void {
    const { field } = this;
    if (!field) return;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 132)}px`;
  }

  /** Full screen on a phone, what lies below cannot be seen, so Tab stays here. */
  private keepFocusInside(event: KeyboardEvent): void {
    const all = [...(this.find("panel")?.querySelectorAll<HTMLElement>("button:not(:disabled),a,textarea,input:not([hidden]),[tabindex]") ?? [])];
    if (event.shiftKey) all.reverse();
    if (this.page.shadow.activeElement !== all[all.length - 1]) return;
    event.preventDefault();
    all[0]?.focus();
  }
}
