import { h, type Part } from "../../nodes";

/** Drawn on 24 by 24; how, the style sheet says. */
export function icon(path: string): Part {
  return <svg viewBox="0 0 24 24" aria-hidden="true"><path d={path} /></svg>;
}

export const CLOSE = "M6 6l12 12M18 6L6 18";
export const MENU = "M5 12h.01M12 12h.01M19 12h.01";
export const SEND = "M5 12h14m-6-6 6 6-6 6";
export const PHOTO = "M4 6h16v12H4zM4 16l5-5 4 4 2-2 5 5M15.5 9.5h.01";
export const CAMERA = "M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z";
export const COPY = "M9 9h11v11H9zM5 15H4V4h11v1";
export const PRINT = "M7 9V4h10v5M7 17H4v-7h16v7h-3M7 14h10v6H7z";
export const CHECK = "M5 12.5l4.5 4.5L19 7.5";
export const PAPER = "M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5";
export const DOWN = "M12 5v14m-6-6 6 6 6-6";
export const STAR =
  "M12 3.6l2.6 5.3 5.8.8-4.2 4.1 1 5.8-5.2-2.7-5.2 2.7 1-5.8-4.2-4.1 5.8-.8z";
