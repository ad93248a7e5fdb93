/** Asking whoever holds a campus: where it answers is in its lease's row, and changes with its hands. */
import { Agent, fetch, type RequestInit, type Response } from "undici";
import type { SocketClient } from "../socket-client.ts";
import { type Holding, holdings, type Role } from "./leases.ts";
import type { Postgres } from "./postgres.ts";

/** An address is looked up again when it is older, or when nobody answers there. */
const KNOWN_MS_MAX = 1_000;
/** Looked up so often by itself while anybody was ever asked: a machine without power ends no connection. */
const LOOK_MS = 1_000;
/** In the workers' own network; the system would wait for minutes. */
const CONNECT_MS_MAX = 3_000;
const ANSWER_MS_MAX = 3_600_000;

/** The header in which workers and console show each other the token. */
export const TOKEN_HEADER = "x-campus-ops-token";

/** Nobody holds the campus just now. */
export class NobodyThereError extends Error {
  override readonly name = "NobodyThereError";
}

export interface DirectoryOptions {
  readonly postgres: Postgres;
  /** What is shown over TCP. */
  readonly token?: string | undefined;
  /** Milliseconds that never step back. */
  readonly uptime_ms: () => number;
}

export class Directory {
  readonly #options: DirectoryOptions;
  readonly #agents = new Map<string, Agent>();
  #known: ReadonlyMap<string, string> = new Map();
  /** Where each was last known to be answered for. */
  readonly #latest = new Map<string, string>();
  #lookedUp_ms = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  /** Campuses that are answered for. */
  async answered(role: Role): Promise<readonly string[]> {
    await this.#look(KNOWN_MS_MAX);
    return [...this.#known.keys()].flatMap((key) => {
      const [of, campus] = key.split(" ");
      return of === role && campus !== undefined ? [campus] : [];
    });
  }

  /**
   * Speaks to whoever holds a campus at the time. Rejects with {@link NobodyThereError} where nobody does. An answer that has not
   * come, or not to its end, when the campus changes hands fails; what only reads is asked of the next holder first.
   */
  client(role: Role, campus: string): SocketClient {
    return { fetch: (path, init) => this.#fetch(role, campus, path, init), close: async () => undefined };
  }

  /** What is still asked fails. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }

  async #fetch(role: Role, campus: string, path: string, init: RequestInit = {}): Promise<Response> {
    const address = await this.#address(role, campus, KNOWN_MS_MAX);
    let failed: unknown;
    try {
      if (address !== undefined) return await this.#ask(address, path, init);
    } catch (error) {
      // What was never heard, and what only reads, may be asked of the next one.
      if (init.signal?.aborted || !(isUnheard(error) || isReading(init))) throw error;
      failed = error;
    }
    const newer = await this.#address(role, campus, 0);
    if (newer === undefined)
      throw new NobodyThereError(`nobody answers for ${role} of ${campus} just now`, { cause: failed });
    return this.#ask(newer, path, init);
  }

  #ask(address: string, path: string, init: RequestInit): Promise<Response> {
    const isSocket = address.startsWith("/");
    let agent = this.#agents.get(address);
    if (agent === undefined) {
      agent = new Agent({
        connect: { timeout: CONNECT_MS_MAX, ...(isSocket ? { socketPath: address } : {}) },
        bodyTimeout: 0,
        headersTimeout: ANSWER_MS_MAX,
        connections: 32,
      });
      this.#agents.set(address, agent);
      this.#timer ??= setInterval(() => void this.#look(0).catch(() => undefined), LOOK_MS).unref();
    }
    const { token } = this.#options;
    const headers = new Headers(init.headers as ConstructorParameters<typeof Headers>[0]);
    if (token !== undefined) headers.set(TOKEN_HEADER, token);
    const target = `${isSocket ? "http://worker" : address}${path}`;
    return fetch(target, { ...init, headers: Object.fromEntries(headers), dispatcher: agent });
  }

  async #address(role: Role, campus: string, age_ms: number): Promise<string | undefined> {
    await this.#look(age_ms);
    return this.#known.get(`${role} ${campus}`);
  }

  /** While PostgreSQL is away, what was known counts on: the workers are most likely where they were. */
  async #look(age_ms: number): Promise<void> {
    if (this.#options.uptime_ms() - this.#lookedUp_ms <= age_ms) return;
    this.#looking ??= holdings(this.#options.postgres)
      .then((found) => this.#learn(found))
      .catch((error: unknown) => {
        if (this.#known.size === 0) throw error;
      })
      .finally(() => {
        this.#looking = undefined;
      });
    await this.#looking;
  }

  #learn(found: readonly Holding[]): void {
    this.#known = new Map(
      found.flatMap(({ role, campus, address }) =>
        address === undefined ? [] : [[`${role} ${campus}`, address] as const],
      ),
    );
    this.#lookedUp_ms = this.#options.uptime_ms();
    for (const [key, address] of this.#known) this.#latest.set(key, address);
    // One that is late with its lease may be there still: it counts as gone once another one answers.
    const used = new Set(this.#latest.values());
    for (const [address, agent] of this.#agents) {
      if (used.has(address)) continue;
      this.#agents.delete(address);
      // Whoever waits there would wait on where the machine is gone.
      void agent.destroy().catch(() => undefined);
    }
  }
}

const isReading = ({ method = "GET" }: RequestInit): boolean => method === "GET";

/** The machine refuses, or is not to be found, or does not take the connection. */
const UNHEARD: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "ENOTFOUND",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function isUnheard(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return UNHEARD.has((cause as { code?: unknown } | undefined)?.code);
}
