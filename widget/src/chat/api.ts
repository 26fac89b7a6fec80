/** The desk's chat API over fetch; the token travels in a header only. */

const PATIENCE_MS = 20_000;

/** The desk answered, and said no. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** Whether it makes no sense to ask the same again. */
export function isFinal(error: unknown): error is Refused {
  return error instanceof Refused && error.status < 500;
}

/** Of this very conversation the desk knows nothing any more. */
export function isOver(error: unknown): boolean {
  return isFinal(error) && error.status === 401;
}

export interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
}

export class Desk {
  /** Empty: the customer has no conversation, and we may not ask for news. */
  token = "";

  constructor(private readonly base: string) {}

  async json<Answer>(method: string, path: string, said?: object): Promise<Answer> {
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort(), PATIENCE_MS);
    const body = said && {
      body: JSON.stringify(said),
      headers: { "Content-Type": "application/json" },
    };
    try {
      return await (await this.call(path, { ...body, method, signal: cut.signal })).json();
    } finally {
      clearTimeout(timer);
    }
  }

  async call(path: string, asked: Asked = {}): Promise<Response> {
    const answer = await fetch(this.base + path, {
      ...asked,
      credentials: "omit",
      cache: "no-store",
      headers: { ...asked.headers, ...(this.token && { Authorization: `Bearer ${this.token}` }) },
    });
    if (answer.ok) return answer;
    const problem = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, problem.detail ?? "");
  }
}
