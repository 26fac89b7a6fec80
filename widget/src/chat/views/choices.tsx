/** What may be pressed in answer to the open question. */

import { h, type Child, type Part } from "../../nodes";
import type { Button, Message } from "../messages";
import type { ChatWindow } from "../window";
import * as words from "../words";

export function choices({ buttons, choose, expects }: Message, ui: ChatWindow): Child {
  if (!buttons.length) return expects === "order_number" && ui.order && knownOrder(ui);
  if (choose === "many" && ui.more) return ui.more.severalOf(buttons, ui);
  if (expects === "rating" && ui.more) return ui.more.stars(buttons, ui);
  const rich = buttons.some((button) => button.image || button.detail);
  return group(
    expects === "confirmation" ? "confirm" : rich ? "cards" : "chips",
    words.answers,
    buttons.map((button) => (
      <button type="button" class="choice" onclick={() => ui.press([button])}>
        {face(button, ui)}
      </button>
    )),
  );
}

export function group(kind: string, label: Child, buttons: Child): Part {
  return (
    <div class={"choices " + kind} role="group" aria-label={label as string}>
      {buttons}
    </div>
  );
}

export function face({ image, title, detail }: Button, ui: ChatWindow): Child {
  const picture = image && ui.chat.pictures.get(image);
  return [
    picture && <img src={picture} alt="" />,
    <span class="title">
      {title}
      {detail && <small>{detail}</small>}
    </span>,
  ];
}

/** The shop's page knows the order: one press says it, nothing is sent by itself. */
function knownOrder(ui: ChatWindow): Part {
  return group(
    "chips",
    words.fields["order_number"],
    <button type="button" class="choice" onclick={() => ui.say(ui.order)}>
      <span class="title">{ui.order}</span>
    </button>,
  );
}
