/** A rating, one to five. */

import { h, type Part } from "../../nodes";
import type { Button } from "../messages";
import { group } from "../views/choices";
import { icon, STAR } from "../views/icons";
import type { ChatWindow } from "../window";
import * as words from "../words";

export function stars(buttons: Button[], ui: ChatWindow): Part {
  return group(
    "stars",
    words.rate,
    buttons.map((button, n) => (
      <button type="button" aria-label={words.stars(n + 1)} onclick={() => ui.press([button])}>
        {icon(STAR)}
      </button>
    )),
  );
}
