/** The recap that a customer says yes to: nobody should take it for small talk. */

import { h, type Child, type Part } from "../../nodes";
import type { Message } from "../messages";
import { blocks, type Piece } from "../rich";
import * as words from "../words";
import { icon, PAPER } from "../views/icons";
import { rich } from "../views/text";

const LABELLED = /^([^:]{3,60}?)\s?: (.+)$/;

export function recap(message: Message, open: boolean): Part {
  return (
    <section class="recap card" aria-label={words.recap}>
      <header>
        {icon(PAPER)}
        <span>{words.recap}</span>
        {open && <em>{words.toConfirm}</em>}
      </header>
      <div>
        {blocks(message.text).map(({ isList, lines }) =>
          isList ? (
            <ul class="goods">{lines.map((item) => <li>{textOf(item)}</li>)}</ul>
          ) : (
            lines.map((told) => oneLine(textOf(told)))
          ),
        )}
      </div>
    </section>
  );
}

function textOf(told: Piece[]): string {
  return told.map((piece) => piece.text).join("");
}

function oneLine(text: string): Child {
  const [, label, value] = LABELLED.exec(text) ?? [];
  if (!value) return text.trim() && rich(text);
  return (
    <dl>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </dl>
  );
}
