/** The desk's withdrawal calls: the words of the form, and the statement itself. */

const PATIENCE_MS = 20_000;

export const FIELDS = ["name", "order_number", "articles", "email"] as const;
export type Field = (typeof FIELDS)[number];
export type Entered = Record<Field, string>;
export type Mistakes = Partial<Record<Field, string>>;
export type Words = Record<string, string>;

export interface Told {
  language: string;
  words: Words;
  longest: Record<Field, number>;
}

export interface Receipt {
  reference: string;
  text: string;
  facts: { label: string; lines: string[] }[];
}

/** The desk answered, and said no. errors: sentences by field. */
export class Refused extends Error {
  constructor(
    readonly detail: string,
    readonly errors: Mistakes | undefined,
  ) {
    super(detail);
  }
}

export function words(desk: string, language: string): Promise<Told> {
  return call(`${desk}/withdraw/words?lang=${language}`);
}

/** The same id again is the same statement: it may be sent until it is answered. */
export function state(desk: string, id: string, language: string, entered: Entered): Promise<Receipt> {
  const body = JSON.stringify({ statement_id: id, language, ...entered });
  const headers = { "Content-Type": "application/json" };
  return call(`${desk}/withdraw/statements`, { method: "POST", headers, body });
}

async function call<Answer>(url: string, more: RequestInit = {}): Promise<Answer> {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(url, { ...more, credentials: "omit", cache: "no-store", signal: cut.signal });
    if (answer.ok) return await answer.json();
    const problem = await answer.json().catch(() => ({}));
    throw new Refused(problem.detail ?? "", problem.errors);
  } finally {
    clearTimeout(timer);
  }
}
