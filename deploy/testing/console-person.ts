/** Somebody in a browser: signed in at a console that asks for accounts. */
import { Agent, fetch } from "undici";

export class ConsolePerson {
  readonly #url: string;
  readonly #agent: Agent;
  #cookies: string;

  /** `authority`: whose certificates the browser trusts besides; `cookies`: of one that was signed in before. */
  constructor(url: string, { authority, cookies = "" }: { authority?: string; cookies?: string } = {}) {
    this.#url = url;
    this.#agent = new Agent(authority === undefined ? {} : { connect: { ca: authority } });
    this.#cookies = cookies;
  }

  get cookies(): string {
    return this.#cookies;
  }

  async signIn(user: string, password: string): Promise<void> {
    await this.ask("POST", "/sign-in", { user, password });
  }

  get<T>(path: string): Promise<T> {
    return this.ask("GET", path);
  }

  async ask<T>(method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      dispatcher: this.#agent,
      headers: { cookie: this.#cookies, origin: this.#url, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const set = answer.headers.getSetCookie().map((each) => each.split(";")[0]);
    if (set.length > 0) this.#cookies = set.join("; ");
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  async leave(): Promise<void> {
    await this.#agent.close();
  }
}
