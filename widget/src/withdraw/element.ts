/** <bonretour-withdraw>: the link inside it opens the two steps in place (law F1-F5). */

import { newId } from "../ids";
import { draw } from "../nodes";
import { language } from "../page/language";
import css from "../styles/withdraw.css";
import { FIELDS, Refused, state, words } from "./desk";
import type { Entered, Mistakes, Receipt, Told } from "./desk";
import { view } from "./view";

const LINK = { fr: "Renoncer au contrat ici", en: "Withdraw from contract here" };
const EMAIL = /^[^\s@,;:<>()]+@[^\s@,;:<>()]+\.[^\s@.,;:<>()]{2,}$/;

export class WithdrawElement extends HTMLElement {
  static desk = "";
  static language = "";

  step: "closed" | "form" | "check" | "done" = "closed";
  told: Told | undefined;
  entered: Entered = { name: "", order_number: "", articles: "", email: "" };
  mistakes: Mistakes = {};
  trouble = "";
  receipt: Receipt | undefined;
  busy = false;
  private id_ = newId();
  private root: HTMLElement | undefined;
  private readonly dark = matchMedia("(prefers-color-scheme: dark)");

  /** Its content may still be on its way. */
  connectedCallback(): void {
    if (document.readyState !== "loading") this.begin();
    else document.addEventListener("DOMContentLoaded", () => this.begin(), { once: true });
  }

  private begin(): void {
    if (this.root) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    this.root = document.createElement("div");
    shadow.append(document.createElement("slot"), this.root);
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("keydown", (event) => this.pressed(event));
    this.dark.addEventListener("change", () => this.paint());
    if (!this.link) this.append(this.newLink());
    this.link?.setAttribute("role", "button");
    this.link?.setAttribute("aria-expanded", "false");
    this.paint();
  }

  get language(): "fr" | "en" {
    const own = WithdrawElement.language;
    return language(this.lang, own, document.documentElement.lang, ...navigator.languages);
  }

  /** What is typed is kept, so that nothing is lost from one step to the other. */
  type(event: Event): void {
    const field = event.target as HTMLInputElement;
    this.entered = { ...this.entered, [field.name]: field.value };
  }

  check(event: Event): void {
    event.preventDefault();
    this.mistakes = this.found();
    this.go(Object.keys(this.mistakes).length ? "form" : "check");
  }

  change(): void {
    this.id_ = newId();
    this.go("form");
  }

  async confirm(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.trouble = "";
    this.paint();
    try {
      this.receipt = await state(WithdrawElement.desk, this.id_, this.language, this.entered);
      this.busy = false;
      this.go("done");
      this.dispatchEvent(new CustomEvent("bonretour:withdrawn", { bubbles: true }));
    } catch (error) {
      this.busy = false;
      this.refused(error);
    }
  }

  private refused(error: unknown): void {
    if (error instanceof Refused && error.errors) {
      this.mistakes = error.errors;
      this.go("form");
      return;
    }
    const detail = error instanceof Refused ? error.detail : "";
    this.trouble = detail || (this.told?.words["unavailable"] ?? "");
    this.paint();
  }

  private found(): Mistakes {
    const said = this.told?.words ?? {};
    const wrong: Mistakes = {};
    for (const field of FIELDS) {
      const typed = this.entered[field].trim();
      const good = field === "email" ? EMAIL.test(typed) : /[\p{L}\p{N}]/u.test(typed);
      if (field !== "articles" && !good) wrong[field] = said[`error_${field}`] ?? "";
    }
    return wrong;
  }

  private get link(): HTMLAnchorElement | null {
    return this.querySelector("a[href]");
  }

  private newLink(): HTMLAnchorElement {
    const link = document.createElement("a");
    link.href = `${WithdrawElement.desk}/withdraw?lang=${this.language}`;
    link.textContent = LINK[this.language];
    return link;
  }

  /** A plain click opens here; whoever wants a new tab gets the page. */
  private clicked(event: MouseEvent): void {
    const { link } = this;
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
    if (!link || !plain || !event.composedPath().includes(link)) return;
    event.preventDefault();
    if (this.step === "closed") void this.open(link);
    else this.go("closed");
  }

  /** What says that it is a button is pressed by the space bar too. */
  private pressed(event: KeyboardEvent): void {
    if (event.key !== " " || event.target !== this.link) return;
    event.preventDefault();
    this.link?.click();
  }

  private async open(link: HTMLAnchorElement): Promise<void> {
    const order = this.getAttribute("order");
    if (order && !this.entered.order_number) this.entered.order_number = order.slice(0, 100);
    try {
      this.told ??= await words(WithdrawElement.desk, this.language);
      this.go("form");
    } catch {
      location.assign(link.href); // the page can do it all
    }
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing) return;
    this.go("closed");
    this.link?.focus();
  }

  /** Move on, and take the keyboard and the screen reader along. */
  private go(step: typeof this.step): void {
    if (step === "closed" && this.step === "done") this.forget();
    this.step = step;
    this.trouble = "";
    this.link?.setAttribute("aria-expanded", String(step !== "closed"));
    this.paint();
    const wrong = this.root?.querySelector<HTMLElement>("[aria-invalid]");
    (wrong ?? this.root?.querySelector<HTMLElement>("h2"))?.focus();
  }

  private forget(): void {
    this.id_ = newId();
    this.entered = { name: "", order_number: "", articles: "", email: "" };
    this.receipt = undefined;
  }

  private paint(): void {
    if (!this.root) return;
    const theme = this.getAttribute("theme") ?? "auto";
    const dark = theme === "dark" || (theme === "auto" && this.dark.matches);
    this.root.className = `root ${dark ? "dark" : "light"}`;
    this.root.lang = this.language;
    draw(this.root, [view(this)]);
  }
}
