/** Where the list of messages stands, and how high a phone's screen really is. */

import { authorOf } from "./views/message";
import type { ChatWindow } from "./window";

const NEAR = 60;
const PHONE = "(max-width: 480px), (max-height: 480px)";

export type Scrolling = ReturnType<typeof scrollingOf>;

export function scrollingOf(ui: ChatWindow) {
  const phone = matchMedia(PHONE);
  const view = window.visualViewport;
  let missed = false;
  let near = true;
  let last = "";
  /** How far from the end something is being read while more comes in above it; 0: nothing. */
  let held = 0;

  const logOf = () => ui.find("log");
  const isPhone = () => phone.matches;

  function miss(is: boolean): void {
    if (is === missed) return;
    missed = is;
    ui.requestUpdate();
  }

  /** To the end, but never past the beginning of an answer that is longer than the screen. */
  function follow(log: HTMLElement, fresh: boolean): void {
    const end = log.scrollHeight - log.clientHeight;
    const mine = [...log.querySelectorAll<HTMLElement>(".customer")].pop();
    log.scrollTop = fresh && mine ? Math.min(end, mine.offsetTop) : end;
    near = end - log.scrollTop < NEAR;
    if (!near && fresh) miss(true);
  }

  // The keyboard of a phone covers a page without telling CSS on all of them.
  function fitScreen(): void {
    const style = ui.find("panel")?.style;
    if (!style || !view) return;
    const fits = isPhone() && view.scale <= 1.01;
    style.height = fits ? `${view.height}px` : "";
    style.top = fits ? `${view.offsetTop}px` : "";
  }

  for (const name of ["resize", "scroll"]) view?.addEventListener(name, fitScreen);
  phone.addEventListener("change", () => ui.requestUpdate());

  return {
    isPhone,
    missed: () => missed,

    scrolled(): void {
      const log = logOf();
      if (!log) return;
      near = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
      if (near) miss(false);
    },

    toEnd(): void {
      near = true;
      missed = false;
      ui.requestUpdate();
    },

    /** Earlier messages come in above; what is being read stays where it is. */
    holdPlace(): void {
      const log = logOf();
      held = log ? log.scrollHeight - log.scrollTop : 0;
    },

    updated(): void {
      fitScreen();
      const log = logOf();
      const newest = ui.entries[ui.entries.length - 1];
      const id = newest?.message?.id ?? newest?.outgoing?.message_id ?? "";
      const fresh = newest && id !== last && last !== "" && authorOf(newest) !== "customer";
      last = log ? id : "";
      if (!log) near = true;
      else if (held) log.scrollTop = log.scrollHeight - held;
      else if (near) follow(log, Boolean(fresh));
      else if (fresh) miss(true);
      held = 0;
    },
  };
}
