/** A {@link world} that people sign in to, with accounts and an audit trail of its own, and browsers to do it with. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Accounts } from "../../accounts/accounts.ts";
import { AccountsStore } from "../../accounts/accounts-store.ts";
import type { Grant } from "../../accounts/core/permissions.ts";
import type { IdentityProvider } from "../../accounts/identity-provider.ts";
import { SignIn, type SignInParts } from "../../accounts/sign-in.ts";
import { type OpenTrail, openTrail } from "../../audit/open-trail.ts";
import { type AccountParts, accountAccess } from "../account-access.ts";
import { PASSWORD } from "./story.ts";
import { openFolder, title, type World, world } from "./world.ts";

export interface People extends World {
  readonly trail: OpenTrail;
  readonly parts: AccountParts;
  /** Adds somebody whose password is {@link PASSWORD}, chosen by themselves; answers the account's id. */
  account(name: string, grants: readonly Grant[]): Promise<number>;
  /** What the trail says was done, the newest first; what was not simply done with its result. */
  actions(): readonly string[];
  close(): Promise<void>;
}

export async function openPeople({
  codesFor = [],
  now = Date.now,
  provider,
}: Partial<Pick<SignInParts, "codesFor" | "now">> & {
  readonly provider?: IdentityProvider;
} = {}): Promise<People> {
  const closeFolder = await openFolder();
  const data = mkdtempSync(join(tmpdir(), "people-"));
  const store = new AccountsStore(join(data, "accounts.sqlite"));
  const trail = openTrail(data, 6, title("hub"), now);
  const signIn = new SignIn({ store, now, cost: { memory: 64, passes: 1 }, codesFor });
  const accounts = new Accounts({ store, signIn, now });
  const parts = { accounts, signIn, secure: false, ...(provider === undefined ? {} : { provider }) };
  const here = await world(accountAccess(parts, now), { accounts: parts, trail, audit: trail.append, now });
  return {
    ...here,
    trail,
    parts,
    account: async (name, grants) =>
      (await accounts.add({ name, title: name, grants, password: PASSWORD, own: true })).id,
    actions: () =>
      trail
        .search({ limit: 100 }, [""])
        .map(({ action, result }) => (result === "done" ? action : `${action} ${result}`)),
    close: async () => {
      await closeFolder();
      store.close();
      trail.close();
      rmSync(data, { recursive: true });
    },
  };
}

/** It keeps cookies and says which page its writes come from. */
export class Browser {
  readonly #server: World["server"];
  readonly #cookies = new Map<string, string>();

  constructor({ server }: Pick<World, "server">) {
    this.#server = server;
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async ask(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    url: string,
    body?: object,
    headers: object = {},
  ) {
    const { cookie } = this;
    const own = { host: "hub.example", origin: "http://hub.example", cookie, "accept-language": "en" };
    const sent: Readonly<Record<string, string | undefined>> = { ...own, ...headers };
    const answer = await this.#server.inject({
      method,
      url: `/api/v1${url}`,
      headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)),
      ...(body === undefined ? {} : { payload: body }),
    });
    for (const line of [answer.headers["set-cookie"] ?? []].flat()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
      if (line.includes("Max-Age=0")) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }

  async signIn(user: string, password = PASSWORD, code?: string) {
    return this.ask("POST", "/sign-in", { user, password, ...(code === undefined ? {} : { code }) });
  }
}
