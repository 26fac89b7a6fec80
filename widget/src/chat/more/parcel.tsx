/** Number and address for the parcel: to read, copy and print. */

import { h, type Part } from "../../nodes";
import type { Fact } from "../messages";
import { CHECK, COPY, icon, PRINT } from "../views/icons";
import { labelOf } from "../views/message";
import { link } from "../views/text";
import type { ChatWindow } from "../window";
import * as words from "../words";
import { copyText } from "./copying";
import { printParcel } from "./printing";

const COPIED_MS = 2500;
let copied = "";

export function parcel(facts: Fact[], ui: ChatWindow): Part {
  const label = labelOf(facts);
  return (
    <section class="parcel card" aria-label={words.parcel}>
      {facts.map((fact) => fact.kind !== "label" && toCopy(fact, ui))}
      <div class="actions">
        {label && link(label, words.label)}
        <button class="quiet" type="button" onclick={() => printParcel(facts, ui.heading)}>
          {icon(PRINT)}
          <span>{words.print}</span>
        </button>
      </div>
    </section>
  );
}

function toCopy({ kind, value }: Fact, ui: ChatWindow): Part {
  const done = copied === value;
  const isNumber = kind === "rma_number";
  const title = isNumber ? words.copyNumber : words.copyAddress;
  return (
    <div class={"fact " + kind}>
      <div>
        <span class="name">{isNumber ? words.rma_number : words.return_address}</span>
        <p class="value">{value}</p>
      </div>
      <button
        class="quiet"
        type="button"
        aria-label={done ? words.copied : title}
        onclick={() => copy(value, ui)}
      >
        {icon(done ? CHECK : COPY)}
        <span>{done ? words.copied : words.copy}</span>
      </button>
    </div>
  );
}

async function copy(value: string, ui: ChatWindow): Promise<void> {
  if (!(await copyText(value))) return;
  const show = (now: string) => {
    copied = now;
    ui.requestUpdate();
  };
  show(value);
  setTimeout(() => show(""), COPIED_MS);
}
