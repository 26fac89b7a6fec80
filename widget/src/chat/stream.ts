/** Follows the desk's event stream for as long as somebody may be looking. */

import { isFinal } from "./api";
import type { Conversation } from "./conversation";
import { backoff, pause } from "./waiting";

const SILENCE_MS = 40_000; // the desk says something every 15 s
const HIDDEN_MS = 30_000;

export function streamOf(chat: Conversation) {
  /** Of the connection there is, or is being waited for. */
  let cut: AbortController | undefined;
  let timer = 0;

  function start(): void {
    if (!cut && chat.desk.token) void follow();
  }

  function stop(): void {
    cut?.abort();
    cut = undefined;
  }

  async function follow(): Promise<void> {
    let mine: AbortController;
    for (let failed = 0; ; failed++) {
      cut = mine = new AbortController();
      try {
        const headers = { "Last-Event-ID": String(chat.completeSeq) };
        const answer = await chat.desk.call("/chat/events", { headers, signal: mine.signal });
        chat.reached(true);
        failed = 0;
        await read(answer, mine);
      } catch (error) {
        if (cut === mine && isFinal(error)) {
          cut = undefined;
          return chat.refused(error);
        }
      }
      if (cut !== mine) return;
      chat.reached(false);
      await pause(backoff(failed));
      if (cut !== mine) return;
    }
  }

  async function read(answer: Response, mine: AbortController): Promise<void> {
    const reader = answer.body?.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    while (reader) {
      const silence = setTimeout(() => mine.abort(), SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return;
      const events = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = events.pop() ?? "";
      if (cut === mine) events.forEach(hear);
    }
  }

  function hear(event: string): void {
    const [, kind, data = ""] = /^event: ?(.*)$[^]*^data: ?(.*)$/m.exec(event) ?? [];
    if (kind === "message") chat.heard(JSON.parse(data));
    if (kind === "mode") chat.turn(JSON.parse(data).mode);
  }

  // A page that nobody sees holds no connection; it catches up when seen again.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) timer = window.setTimeout(stop, HIDDEN_MS);
    else start();
  });
  addEventListener("offline", () => {
    if (!cut) return;
    chat.reached(false);
    cut.abort();
  });
  return { start, stop };
}
