/** What stays in the browser, from the first opening on. Storage may throw. */

import type { Outgoing } from "./chat/messages";

const PREFIX = "bonretour:";
const memory = new Map<string, string>();

interface Kept {
  token: string;
  outbox: Outgoing[];
  seen: number;
  draft: string;
  open: boolean;
}

/** A tab's own things end with the tab. */
const OF_TAB: ReadonlySet<keyof Kept> = new Set<keyof Kept>(["draft", "open"]);

function place(name: keyof Kept): Storage {
  return OF_TAB.has(name) ? sessionStorage : localStorage;
}

/** Private windows and full disks: memory has it until the page is left. */
function tried<Got>(act: () => Got): Got | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

export function keep<Name extends keyof Kept>(name: Name, value: Kept[Name]): void {
  const text = JSON.stringify(value);
  memory.set(name, text);
  tried(() => place(name).setItem(PREFIX + name, text));
}

export function kept<Name extends keyof Kept>(name: Name): Kept[Name] | undefined {
  const text = tried(() => place(name).getItem(PREFIX + name)) ?? memory.get(name);
  return text && tried(() => JSON.parse(text));
}

/** Whether there is a conversation to go on with: all that every page wants to know. */
export function hasToken(): boolean {
  return Boolean(tried(() => PREFIX + "token" in localStorage));
}

/** All but whether the chat is open. */
export function forget(): void {
  for (const name of ["token", "outbox", "seen", "draft"] as const) {
    memory.delete(name);
    tried(() => place(name).removeItem(PREFIX + name));
  }
}

/** Another tab opened, or ended, the conversation. */
export function onOtherTab(changed: () => void): void {
  addEventListener("storage", (event) => {
    if (event.key !== null && event.key !== PREFIX + "token") return;
    memory.delete("token");
    changed();
  });
}
