/** Which language, and the few words that every page of the shop loads. */

export type Language = "fr" | "en";

/** The first of these that we speak; French otherwise, as the shop does. */
export function language(...wishes: (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const short = wish?.slice(0, 2).toLowerCase();
    if (short === "fr" || short === "en") return short;
  }
  return "fr";
}

export const LAUNCHER = {
  fr: {
    launch: "Besoin d’un retour ?",
    open: "ouvrir la discussion",
    unread: (n: number) => n + (n > 1 ? " nouveaux messages" : " nouveau message"),
    failed: "La discussion ne s’ouvre pas. Réessayez dans un instant.",
  },
  en: {
    launch: "Need to return something?",
    open: "open the chat",
    unread: (n: number) => n + (n > 1 ? " new messages" : " new message"),
    failed: "The chat does not open. Please try again in a moment.",
  },
};
