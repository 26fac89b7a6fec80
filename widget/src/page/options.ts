/** What a shop sets on its script tag. */

import { language, type Language } from "./language";

export interface Options {
  desk: string;
  lang: Language;
  title: string;
  theme: "auto" | "light" | "dark";
  position: "left" | "right";
  launcher: "label" | "icon" | "none";
  privacyUrl: string;
  keptDays: string;
  order: string;
  integrity: boolean;
}

function one<Choice extends string>(text: string | undefined, choices: Choice[]): Choice {
  return choices.find((choice) => choice === text) ?? (choices[0] as Choice);
}

/** An address to open: http(s) only, or nothing. */
export function webAddress(text: string): string {
  try {
    const url = new URL(text, document.baseURI);
    return /^https?:$/.test(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}

export function readOptions(script: HTMLScriptElement | null): Options {
  const data: DOMStringMap = script?.dataset ?? {};
  return {
    desk: new URL(data.desk || script?.src || ".", document.baseURI).origin,
    lang: language(data.lang, document.documentElement.lang, ...navigator.languages),
    title: data.title ?? "",
    theme: one(data.theme, ["auto", "light", "dark"]),
    position: one(data.position, ["right", "left"]),
    launcher: one(data.launcher, ["label", "icon", "none"]),
    privacyUrl: data.privacyUrl ? webAddress(data.privacyUrl) : "",
    keptDays: /^\d{1,4}$/.exec(data.keptDays ?? "")?.[0] ?? "",
    order: data.order ?? "",
    integrity: Boolean(script?.integrity),
  };
}
