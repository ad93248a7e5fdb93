/** Somebody in a browser at a console whose certificate is of an authority of our own. */
import { Agent, fetch } from "undici";

export class Person {
  readonly #url: string;
  readonly #agent: Agent;
  #cookies = "";

  constructor(url: string, authority: string) {
    this.#url = url;
    this.#agent = new Agent({ connect: { ca: authority } });
  }

  async signIn(user: string, password: string): Promise<void> {
    await this.ask("POST", "/sign-in", { user, password });
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
