/** The console's API of a hub over TLS, as its administrator uses it: bundles are brought there, and rolled out. */
import { once } from "node:events";
import { createReadStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import type { BundleView, RollOut, RollOutAct, UpdatesView } from "@campus-ops/dashboards/updates";

const HOST = "127.0.0.1";
const UPDATES = "/api/v1/updates";

export interface ConsolePlace {
  readonly port: number;
  /** PEM of the hub's authority. */
  readonly ca: string;
}

export interface Account {
  readonly user: string;
  readonly password: string;
}

export class UpdatesConsole {
  readonly #place: ConsolePlace;
  readonly #cookie: string;

  private constructor(place: ConsolePlace, cookie: string) {
    this.#place = place;
    this.#cookie = cookie;
  }

  static async signIn(place: ConsolePlace, account: Account): Promise<UpdatesConsole> {
    const { headers } = await ask(place, "POST", "/api/v1/sign-in", "", json(account));
    const cookies = (headers["set-cookie"] ?? []).map((each) => each.split(";")[0]);
    return new UpdatesConsole(place, cookies.join("; "));
  }

  async upload(file: string): Promise<BundleView> {
    const body = { type: "application/octet-stream", from: createReadStream(file) };
    return await this.#json("POST", `${UPDATES}/bundles`, body);
  }

  /** At once, whatever hour it is at the school. */
  async rollOut(bundle: BundleView, boxes: readonly string[]): Promise<RollOut> {
    return await this.#json(
      "POST",
      `${UPDATES}/roll-outs`,
      json({ bundle: bundle.sha256, boxes, urgent: true }),
    );
  }

  async act(id: string, what: RollOutAct): Promise<RollOut> {
    return await this.#json("POST", `${UPDATES}/roll-outs/${id}/${what}`, json({}));
  }

  /** What is under way, or has stopped, is cancelled. */
  async callOff(): Promise<void> {
    const { rollOuts } = await this.#json<UpdatesView>("GET", UPDATES);
    for (const { id, state } of rollOuts)
      if (state !== "done" && state !== "cancelled") await this.act(id, "cancel");
  }

  async look(id: string): Promise<RollOut> {
    const { rollOuts } = await this.#json<UpdatesView>("GET", UPDATES);
    const found = rollOuts.find((each) => each.id === id);
    if (found === undefined) throw new Error(`the console knows no roll-out ${id}`);
    return found;
  }

  async #json<T>(method: string, path: string, body?: Body): Promise<T> {
    return JSON.parse((await ask(this.#place, method, path, this.#cookie, body)).said) as T;
  }
}

interface Body {
  readonly type: string;
  readonly from: string | NodeJS.ReadableStream;
}
const json = (value: object): Body => ({ type: "application/json", from: JSON.stringify(value) });

/** Throws what the hub said where it was no success. */
async function ask(
  { ca, port }: ConsolePlace,
  method: string,
  path: string,
  cookie: string,
  body?: Body,
): Promise<{ readonly headers: IncomingMessage["headers"]; readonly said: string }> {
  const headers = {
    origin: `https://${HOST}:${port}`,
    ...(cookie === "" ? {} : { cookie }),
    ...(body === undefined ? {} : { "content-type": body.type }),
  };
  const asked = request({ host: HOST, port, path, method, ca, headers });
  const answered = once(asked, "response") as Promise<[IncomingMessage]>;
  if (body === undefined || typeof body.from === "string") asked.end(body?.from);
  else body.from.pipe(asked);
  const [answer] = await answered;
  const said = await text(answer);
  const { statusCode: status = 0 } = answer;
  if (status < 200 || status >= 300)
    throw new Error(`${method} ${path} was answered with ${status}: ${said}`);
  return { headers: answer.headers, said };
}
