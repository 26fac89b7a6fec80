/** Start over, erase, and what is kept: behind the header's three dots. */

import { h, type Part } from "../../nodes";
import type { ChatWindow } from "../window";
import { privacy } from "../views/panel";
import * as words from "../words";

export function menu(ui: ChatWindow): Part {
  if (ui.menu === "startOver") {
    return sure(ui, words.startOver, words.startOverWhy, () => {
      ui.chat.reset(null);
      void ui.chat.begin();
      ui.cleared();
    });
  }
  if (ui.menu === "erase") return sure(ui, words.erase, words.eraseWhy, () => erase(ui));
  return (
    <div class="menu" id="menu">
      {item(words.startOver, () => ui.showMenu("startOver"))}
      {item(words.erase, () => ui.showMenu("erase"))}
      {privacy(ui)}
    </div>
  );
}

function item(title: string, onclick: () => unknown): Part {
  return <button type="button" class="item" onclick={onclick}>{title}</button>;
}

function sure(ui: ChatWindow, title: string, why: string, act: () => unknown): Part {
  return (
    <div class="menu" id="menu" role="group" aria-label={title}>
      <p><strong>{title}</strong></p>
      <p>{why}</p>
      {ui.trouble && <p class="trouble" role="alert">{ui.trouble}</p>}
      <div class="actions">
        <button type="button" class="primary" onclick={act}>{title}</button>
        <button type="button" class="quiet" onclick={() => ui.showMenu(null)}>{words.cancel}</button>
      </div>
    </div>
  );
}

async function erase(ui: ChatWindow): Promise<void> {
  const { chat } = ui;
  try {
    const done = await chat.desk.json<{ erased: boolean }>("DELETE", "/chat/sessions/current");
    chat.reset(done.erased ? "erased" : "partly");
  } catch (error) {
    // A session that the desk does not know has nothing left to erase.
    if ((error as { status?: number }).status !== 401) return ui.complain(words.eraseFailed);
    chat.reset("erased");
  }
  ui.cleared();
}
