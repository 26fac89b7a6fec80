/** The button that opens the chat, with the number of messages not read yet. */

import { LAUNCHER } from "./language";
import type { Options } from "./options";

/** A speech bubble with an arrow that comes back. */
export const BUBBLE =
  "M4 12a8 7 0 1 1 3.4 5.7L4 19l1-3.2A6.6 6.6 0 0 1 4 12zM9.5 12h5m-3-2.5L9 12l2.5 2.5";

/** approached: somebody may be about to press it. */
export function launcherOf(options: Options, pressed: () => void, approached: () => void) {
  const words = LAUNCHER[options.lang];
  const badge = make("span", { className: "badge" });
  const trouble = make("p", { className: "unopened", role: "alert", hidden: true });
  const button = make("button", {
    id: "launcher",
    className: options.launcher,
    ariaHasPopup: "dialog",
    onclick: pressed,
    onpointerenter: approached,
    onfocus: approached,
  });
  button.append(drawing(), badge);
  if (options.launcher === "label") badge.before(words.launch);
  const node = make("div", {});
  node.append(trouble, button);

  return {
    node,
    focus: () => button.focus(),

    show(is: boolean, unread: number): void {
      button.hidden = !is || options.launcher === "none";
      badge.hidden = !unread;
      badge.dataset["count"] = unread > 9 ? "9+" : String(unread);
      const news = unread ? ", " + words.unread(unread) : "";
      button.ariaLabel = `${words.launch}, ${words.open}${news}`;
    },

    busy(is: boolean, failed = false): void {
      button.ariaBusy = String(is);
      trouble.hidden = !failed;
      trouble.textContent = words.failed;
    },
  };
}

function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  looks: Partial<HTMLElementTagNameMap[Tag]>,
): HTMLElementTagNameMap[Tag] {
  return Object.assign(document.createElement(tag), looks);
}

function drawing(): SVGElement {
  const [svg, path] = ["svg", "path"].map((tag) =>
    document.createElementNS("http://www.w3.org/2000/svg", tag),
  ) as [SVGElement, SVGElement];
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.ariaHidden = "true";
  path.setAttribute("d", BUBBLE);
  svg.append(path);
  return svg;
}
