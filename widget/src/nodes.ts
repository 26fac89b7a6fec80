/** Nodes as values, drawn by the DOM's own calls: text stays text, and nothing is parsed. */

type Value = string | number | boolean | null | undefined | ((event: never) => unknown);
type Props = Record<string, Value>;

export interface Part {
  tag: string;
  props: Props;
  children: Child[];
}

export type Child = Part | string | number | false | null | undefined | Child[];

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- where TypeScript looks
  namespace JSX {
    type Element = Part;
    type IntrinsicElements = Record<string, Props>;
  }
}

const PARTS = new WeakMap<Node, Part>();
/** Properties; an attribute whose name begins with "on" would be script. */
const LIVE = /^(on|value$|checked$|data$)/;

export function h(tag: string, props: Props | null, ...children: Child[]): Part {
  return { tag, props: props ?? {}, children };
}

/** A list whose length changes has keys, or is alone in its parent: nodes without a key are
 * known by their place, and what is not shown leaves an empty text there. */
export function draw(place: Node, children: Child[]): void {
  const parts = children.flat(Infinity as 9).map(asPart);
  const wanted = new Set(parts.map(({ props }) => props["key"]));
  const keyed = new Map<Value, ChildNode>();
  for (const node of [...place.childNodes]) {
    const key = PARTS.get(node)?.props["key"];
    if (!key) continue;
    if (wanted.has(key)) keyed.set(key, node);
    else node.remove();
  }
  let at = place.firstChild;
  for (const part of parts) {
    const { key } = part.props;
    const known = key ? keyed.get(key) : at;
    const fits = known && PARTS.get(known)?.tag === part.tag && PARTS.get(known)?.props["key"] === key;
    const node = fits ? known : made(part.tag);
    fill(node, part);
    if (node === at) at = at.nextSibling;
    else if (key || !at) place.insertBefore(node, at);
    else {
      const next = at.nextSibling;
      at.replaceWith(node);
      at = next;
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** Text is a part without a tag. */
function asPart(child: Child): Part {
  if (typeof child === "object" && child) return child as Part;
  return { tag: "", props: { data: child || child === 0 ? String(child) : "" }, children: [] };
}

function made(tag: string): ChildNode {
  if (!tag) return new Text();
  const vocabulary = /^(svg|path)$/.test(tag) ? "2000/svg" : "1999/xhtml";
  return document.createElementNS("http://www.w3.org/" + vocabulary, tag) as Element;
}

function fill(node: Node, part: Part): void {
  const before = PARTS.get(node)?.props ?? {};
  PARTS.set(node, part);
  for (const name in { ...before, ...part.props }) {
    const value = part.props[name];
    if (value !== before[name] || LIVE.test(name)) set(node as Element, name, value);
  }
  draw(node, part.children);
}

function set(node: Element, name: string, value: Value): void {
  const live = node as unknown as Props;
  if (LIVE.test(name)) {
    if (live[name] !== value) live[name] = value ?? null;
  } else if (name !== "key") {
    if (value === false || value === null || value === undefined) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}
