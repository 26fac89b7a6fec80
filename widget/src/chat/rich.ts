/** A little markup in what the desk says, as pieces; never as HTML. */

export interface Piece {
  kind: "text" | "bold" | "link";
  text: string;
  /** Of links, and https? only. */
  href?: string | undefined;
}

export interface Block {
  isList: boolean;
  lines: Piece[][];
}

const MARKUP = /\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\((https?:\/\/[^\s()]+)\)|(https?:\/\/[^\s<>"«»“”]+)/g;
const BULLET = /^[•-]\s/; // also a space that does not break
/** Punctuation after a bare address belongs to the sentence. */
const TAIL = /[.,;:!?)\]'’]+$/;

export function pieces(line: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  const plain = (until?: number) => {
    const text = line.slice(from, until);
    if (text) found.push({ kind: "text", text });
  };
  for (const { 0: whole, 1: bold, 2: title, 3: target, 4: bare, index } of line.matchAll(MARKUP)) {
    plain(index);
    const address = bare?.replace(TAIL, "");
    const href = target ?? address;
    from = index + (address ?? whole).length;
    found.push({ kind: bold ? "bold" : "link", text: bold ?? title ?? address ?? "", href });
  }
  plain();
  return found;
}

/** Lines, with what begins with a bullet gathered into lists. */
export function blocks(text: string): Block[] {
  const found: Block[] = [];
  for (const line of text.split("\n")) {
    const isList = BULLET.test(line);
    let last = found[found.length - 1];
    if (last?.isList !== isList) found.push((last = { isList, lines: [] }));
    last.lines.push(pieces(isList ? line.slice(2) : line));
  }
  return found;
}

export function isPdf(href: string): boolean {
  return /\.pdf(?:[?#]|$)/i.test(href);
}
