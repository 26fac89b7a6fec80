/** A sheet to put into the parcel, printed from a frame of its own. */

import type { Fact } from "../messages";
import * as words from "../words";

const STYLES: Record<string, Record<string, string>> = {
  h1: { font: "600 20px/1.4 system-ui, sans-serif", margin: "0 0 24px" },
  h2: { font: "400 14px/1.4 system-ui, sans-serif", margin: "24px 0 4px" },
  p: { font: "600 26px/1.4 system-ui, sans-serif", margin: "0", "white-space": "pre-line" },
};

export function printParcel(facts: Fact[], title: string): void {
  const frame = document.createElement("iframe");
  frame.title = words.print;
  for (const [name, value] of [["position", "fixed"], ["width", "0"], ["height", "0"], ["border", "0"]]) {
    frame.style.setProperty(name as string, value as string);
  }
  document.body.append(frame);
  const sheet = frame.contentDocument;
  const view = frame.contentWindow;
  if (!sheet || !view) return;
  sheet.title = title;
  write(sheet, "h1", title);
  for (const { kind, value } of facts) {
    if (kind === "label") continue;
    write(sheet, "h2", kind === "rma_number" ? words.rma_number : words.return_address);
    write(sheet, "p", value);
  }
  view.addEventListener("afterprint", () => frame.remove());
  view.print();
}

function write(sheet: Document, tag: string, text: string): void {
  const node = sheet.createElement(tag);
  node.textContent = text;
  for (const [name, value] of Object.entries(STYLES[tag] ?? {})) {
    node.style.setProperty(name, value);
  }
  sheet.body.append(node);
}
