/**
 * A browser without JavaScript: it keeps its cookies, takes the form token from the last page, and follows redirects.
 * It rejects if the shop does not answer, or with an error of its own.
 */

export interface Page {
  readonly status: number;
  readonly text: string;
}

/** Milliseconds after which nobody waits for an answer any more. */
const patience = 10_000;

export class PageClient {
  readonly #url: string;
  readonly #agent: string;
  readonly #cookies = new Map<string, string>();
  #token = "";

  /** @param agent how it identifies itself */
  constructor(url: string, agent: string) {
    this.#url = url;
    this.#agent = agent;
  }

  get(path: string): Promise<Page> {
    return this.#ask(path);
  }

  /** Sends a form, and goes where the answer leads. */
  async submit(path: string, fields: Record<string, string>): Promise<Page> {
    if (this.#token === "") await this.get("/");
    return this.#ask(path, new URLSearchParams({ csrf: this.#token, ...fields }));
  }

  async #ask(path: string, form?: URLSearchParams): Promise<Page> {
    const response = await fetch(new URL(path, this.#url), {
      method: form ? "POST" : "GET",
      headers: { Accept: "text/html", "User-Agent": this.#agent, Cookie: this.#cookieHeader() },
      redirect: "manual",
      signal: AbortSignal.timeout(patience),
      ...(form && { body: form }),
    });
    this.#keepCookies(response.headers.getSetCookie());
    const text = await response.text();
    if (response.status >= 500) throw new Error(`The shop answered ${response.status}.`);
    const next = response.status === 303 && response.headers.get("Location");
    if (next) return this.#ask(next);
    this.#token = /name="csrf-token" content="([^"]*)"/.exec(text)?.[1] ?? "";
    return { status: response.status, text };
  }

  #cookieHeader(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  #keepCookies(cookies: readonly string[]): void {
    for (const cookie of cookies) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (name === undefined || value === undefined) continue;
      if (value === "") this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}
