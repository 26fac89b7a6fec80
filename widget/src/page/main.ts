/** The script that a shop's page loads: reads its tag, adds the launcher, offers the API. */

import { announce } from "./events";
import { readOptions } from "./options";
import { shellOf } from "./shell";

const VERSION = "1.0.0";

interface Context {
  order_number?: string;
}

declare global {
  interface Window {
    Bonretour?: {
      version: string;
      open(): void;
      close(): void;
      context(known: Context): void;
    };
  }
}

/** Known only while the script itself runs. */
const script = document.currentScript as HTMLScriptElement | null;

function start(): void {
  if (window.Bonretour) return;
  const host = document.createElement("bonretour-chat");
  const shell = shellOf(host, readOptions(script));
  document.body.append(host);
  window.Bonretour = {
    version: VERSION,
    open: () => void shell.open(null),
    close: () => void shell.close(),
    context: ({ order_number }) => void shell.setOrder(String(order_number ?? "").slice(0, 64)),
  };
  document.addEventListener("click", (event) => openFromPage(event, shell.open));
  announce("ready", {});
}

/** Any button or link of the shop with data-bonretour-open opens the chat. */
function openFromPage(event: MouseEvent, open: (opener: HTMLElement) => unknown): void {
  const target = event.target instanceof Element ? event.target : null;
  const opener = target?.closest<HTMLElement>("[data-bonretour-open]");
  if (!opener) return;
  event.preventDefault();
  open(opener);
}

if (document.body) start();
else document.addEventListener("DOMContentLoaded", start);
