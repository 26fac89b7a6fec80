/** Several of what is offered, by ticking. */

import { h, type Part } from "../../nodes";
import type { Button } from "../messages";
import { face } from "../views/choices";
import { CHECK, icon } from "../views/icons";
import type { ChatWindow } from "../window";
import * as words from "../words";

export function severalOf(buttons: Button[], ui: ChatWindow): Part {
  const chosen = buttons.filter((button) => ui.chosen.has(button.id));
  return (
    <fieldset class="choices cards">
      <legend class="hidden">{words.choose}</legend>
      <div>
        {buttons.map((button) => (
          <label class="choice">
            <input
              type="checkbox"
              checked={chosen.includes(button)}
              onchange={() => ui.choose(button.id)}
            />
            <span class="box">{icon(CHECK)}</span>
            {face(button, ui)}
          </label>
        ))}
      </div>
      <button type="button" class="primary" disabled={!chosen.length} onclick={() => ui.press(chosen)}>
        {words.chosen(chosen.length)}
      </button>
    </fieldset>
  );
}
