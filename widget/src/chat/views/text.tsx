/** What was said, as nodes: text stays text. */

import { h, type Child, type Part } from "../../nodes";
import { blocks, isPdf, type Piece } from "../rich";
import * as words from "../words";
import { icon, PAPER } from "./icons";

function line(told: Piece[]): Child[] {
  return told.map(({ kind, text, href }) => {
    if (kind === "bold") return <strong>{text}</strong>;
    return href ? link(href, isPdf(href) ? words.document : text) : text;
  });
}

/** href: http(s), as `rich` and `webAddress` let through. */
export function link(href: string, title: string): Part {
  const pdf = isPdf(href);
  return (
    <a class={pdf ? "quiet" : "link"} href={href} target="_blank" rel="noopener noreferrer">
      {pdf && icon(PAPER)}
      <span>{title}</span>
      <span class="hidden"> {words.newTab}</span>
    </a>
  );
}

/** The desk's or a colleague's words. */
export function rich(text: string): Part[] {
  return blocks(text).map(({ isList, lines }) =>
    isList ? (
      <ul>{lines.map((told) => <li>{line(told)}</li>)}</ul>
    ) : (
      <p>{lines.map((told, n) => [n ? "\n" : "", line(told)])}</p>
    ),
  );
}
