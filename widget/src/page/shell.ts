/** What a shop's page gets: <bonretour-chat> with its launcher, and the chat on demand. */

import { hasToken } from "../storage";
import css from "../styles/page.css";
import { BUBBLE, launcherOf } from "./launcher";
import type { Options } from "./options";

/** The chat itself, a script of its own that is loaded when it is first needed. */
export interface Chat {
  open(opener: HTMLElement | null): void;
  close(): void;
  setOrder(order: string): void;
}

export interface Page {
  readonly options: Options;
  readonly shadow: ShadowRoot;
  /** Where the chat is drawn. */
  readonly place: HTMLElement;
  order: string;
  /** Made by script, so that a strict style-src lets it pass. */
  addStyles(css: string): void;
  opened(is: boolean, unread: number): void;
  focusLauncher(): void;
  /** The launcher's drawing, for the head of the chat. */
  readonly bubble: string;
  /** What the script leaves. hash: its SHA-256, for a page that pins what it loads. */
  load<Part>(name: string, hash: string): Promise<Part>;
}

type Start = (page: Page) => Chat;

declare global {
  interface HTMLScriptElement {
    /** A loaded script leaves here what it is for: no name on the shop's window. */
    bonretourPart?: unknown;
  }
}

export function shellOf(host: HTMLElement, options: Options) {
  const parts = new Map<string, Promise<unknown>>();
  const root = document.createElement("div");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const launcher = launcherOf(options, () => void open(null), prepare);
  let chat: Promise<Chat> | undefined;

  const page: Page = {
    options,
    shadow: host.attachShadow({ mode: "open" }),
    place: document.createElement("div"),
    order: options.order,
    addStyles(text) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      page.shadow.adoptedStyleSheets = [...page.shadow.adoptedStyleSheets, sheet];
    },
    opened: (is, unread) => launcher.show(!is, unread),
    focusLauncher: launcher.focus,
    bubble: BUBBLE,
    load<Part>(name: string, hash: string) {
      let part = parts.get(name);
      if (!part) {
        parts.set(name, (part = fetchScript(options, name, hash)));
        part.catch(() => parts.delete(name));
      }
      return part as Promise<Part>;
    },
  };

  function start(): Promise<Chat> {
    chat ??= page.load<Start>("chat", CHAT_HASHES[options.lang]).then((begin) => begin(page));
    chat.catch(() => (chat = undefined));
    return chat;
  }

  /** Not opened yet, the chat asks and stores nothing for who has no conversation. */
  function prepare(): void {
    start().catch(() => undefined);
  }

  async function open(opener: HTMLElement | null): Promise<void> {
    let failed = false;
    launcher.busy(true);
    try {
      (await start()).open(opener);
    } catch {
      failed = true;
    }
    launcher.busy(false, failed);
  }

  function paint(): void {
    const isDark = options.theme === "dark" || (options.theme === "auto" && dark.matches);
    root.className = `root ${options.position} ${isDark ? "dark" : "light"}`;
  }

  page.addStyles(css);
  root.lang = options.lang;
  root.append(launcher.node, page.place);
  page.shadow.append(root);
  launcher.show(true, 0);
  paint();
  dark.addEventListener("change", paint);
  if (hasToken()) prepare();
  return {
    open,
    close: async () => (await chat)?.close(),
    async setOrder(order: string): Promise<void> {
      page.order = order;
      (await chat)?.setOrder(order);
    },
  };
}

function fetchScript({ desk, lang, integrity }: Options, name: string, hash: string) {
  const script = document.createElement("script");
  script.src = `${desk}/widget/v1/${name}.${lang}.js?${hash.slice(0, 9)}`;
  if (integrity) {
    script.integrity = "sha256-" + hash;
    script.crossOrigin = "anonymous";
  }
  return new Promise<unknown>((resolve, reject) => {
    script.onload = script.onerror = () => {
      script.remove();
      if (script.bonretourPart) resolve(script.bonretourPart);
      else reject(new TypeError(name));
    };
    document.head.append(script);
  });
}
