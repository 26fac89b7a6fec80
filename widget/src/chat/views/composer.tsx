/** Where the customer writes, and what goes along. */

import { h, type Part } from "../../nodes";
import type { Expects } from "../messages";
import type { ChatWindow } from "../window";
import * as words from "../words";
import { icon, PHOTO, SEND } from "./icons";

/** The keyboard that a phone shows: inputmode, autocomplete, autocapitalize. Several fields
 * may hold letters: tracking numbers, British postcodes. */
const FIELDS: Partial<Record<NonNullable<Expects>, [string, string, string]>> = {
  order_number: ["text", "off", "characters"],
  email: ["email", "email", "off"],
  postcode: ["text", "postal-code", "characters"],
  surname: ["text", "family-name", "words"],
  code: ["numeric", "one-time-code", "off"],
  quantity: ["numeric", "off", "off"],
  tracking_number: ["text", "off", "characters"],
};

export function composer(ui: ChatWindow): Part {
  const expects = ui.question?.expects ?? "detail";
  const [inputmode, autocomplete, autocapitalize] = FIELDS[expects] ?? ["text", "off", "sentences"];
  const hint = (ui.question && words.fields[expects]) ?? words.write;
  return (
    <div class="composer">
      {expects === "photo" && ui.more?.wanted(ui)}
      {ui.trouble && !ui.menu && <p class="trouble" role="alert">{ui.trouble}</p>}
      {ui.chat.photos.length > 0 && ui.more?.tray(ui)}
      <div class="line">
        {button("", words.photo, PHOTO, () => ui.pick())}
        <textarea
          rows="1"
          id="field"
          aria-label={hint}
          placeholder={hint}
          enterkeyhint="send"
          inputmode={inputmode}
          autocomplete={autocomplete}
          autocapitalize={autocapitalize}
          oninput={ui.typed}
          onkeydown={ui.keyInField}
          onpaste={ui.files.pasted}
        />
        {button("send", words.send, SEND, ui.submit, { disabled: !ui.maySend })}
      </div>
      <input type="file" id="photo" hidden multiple accept="image/jpeg,image/png,image/webp" onchange={ui.files.picked} />
    </div>
  );
}

/** A button that is an icon only. */
export function button(
  kind: string,
  title: string,
  path: string,
  onclick: (event: Event) => unknown,
  more: Record<string, string | boolean> = {},
): Part {
  return h(
    "button",
    { type: "button", class: "icon " + kind, title, "aria-label": title, onclick, ...more },
    icon(path),
  );
}
