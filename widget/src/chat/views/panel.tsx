/** The open chat. */

import { h, type Child, type Part } from "../../nodes";
import type { ChatWindow } from "../window";
import * as words from "../words";
import { button, composer } from "./composer";
import { CLOSE, DOWN, icon, MENU } from "./icons";
import { row } from "./message";
import { link } from "./text";

export function panel(ui: ChatWindow): Part {
  const { chat, menu } = ui;
  const live = chat.state === "ready" ? "polite" : "off";
  return (
    <div
      id="panel"
      role="dialog"
      aria-labelledby="heading"
      onkeydown={ui.keyInPanel}
      ondragover={ui.files.over}
      ondragleave={ui.files.out}
      ondrop={ui.files.dropped}
    >
      <header>
        <span class="mark">{icon(ui.page.bubble)}</span>
        <div class="names">
          <h2 id="heading">{ui.heading}</h2>
          <p>{words.modes[chat.mode]}</p>
        </div>
        {button("", words.menu, MENU, () => ui.showMenu(menu ? null : "menu"), {
          id: "dots",
          "aria-expanded": String(menu !== null),
          "aria-controls": "menu",
        })}
        {button("", words.close, CLOSE, () => ui.close())}
      </header>
      {menu && ui.more?.menu(ui)}
      <div id="log" role="log" aria-label={words.log} aria-live={live} tabindex="0" onscroll={ui.scrolled}>
        {privacy(ui)}
        {conversation(ui)}
      </div>
      {ui.missed && button("fresh", words.fresh, DOWN, () => ui.toEnd())}
      <div class="status" role="status">
        {status(ui)}
      </div>
      {chat.state === "idle" ? ended(ui) : composer(ui)}
      {ui.files.dragging() && ui.more?.dropzone()}
    </div>
  );
}

function conversation(ui: ChatWindow): Child[] {
  const { entries, chat: { notice, state } } = ui;
  const hidden = Math.max(0, entries.length - ui.shown);
  return [
    hidden > 0 && (
      <button type="button" class="quiet earlier" onclick={() => ui.showEarlier()}>
        {words.earlier}
      </button>
    ),
    <div>{entries.slice(hidden).map((entry, n) => row(entry, entries[hidden + n - 1], ui))}</div>,
    notice && state !== "idle" && <p class="notice">{words.notices[notice]}</p>,
  ];
}

function status({ chat }: ChatWindow): Child {
  if (!chat.connected) return <p class="offline">{words.lost}</p>;
  const opening = chat.state === "opening";
  return (opening || chat.typing) && (
    <p class="typing">
      <i />
      <i />
      <i />
      <span class="hidden">{opening ? words.opening : words.typing}</span>
    </p>
  );
}

function ended(ui: ChatWindow): Part {
  const { notice } = ui.chat;
  return (
    <div class="composer ended">
      {notice && <p>{words.notices[notice]}</p>}
      <button type="button" class="primary" onclick={() => ui.beginAgain()}>
        {words.begin}
      </button>
    </div>
  );
}

export function privacy({ options }: ChatWindow): Part {
  return (
    <p class="privacy">
      {words.privacy(options.keptDays)}
      {options.privacyUrl && [" ", link(options.privacyUrl, words.privacyLink)]}
    </p>
  );
}
