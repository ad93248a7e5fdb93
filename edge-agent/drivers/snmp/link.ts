/** Promises, abort signals, bounds and one kind of error around an SNMP session of `net-snmp`. */
import { compareOids, isBelow, isException, type Varbind } from "@campus-ops/device-profiles/codecs/snmp";
import snmp from "net-snmp";
import { DriverError } from "../driver.ts";
import { guardedSocket } from "./guarded-socket.ts";
import type { SnmpAddress, SnmpCredentials } from "./target.ts";

/** How many rows of each column are asked for at once; fewer after a `tooBig`. */
const REPETITIONS_MAX = 10;
const VARBINDS_PER_GET_MAX = 16;

export interface SnmpLimits {
  /** How long one request waits for its answer before it is sent again. */
  readonly timeout_ms: number;
  /** How often it is sent again. */
  readonly retries: number;
  /** How many values one look may bring. */
  readonly varbinds_max: number;
}

export const SNMP_LIMITS: SnmpLimits = { timeout_ms: 2_000, retries: 1, varbinds_max: 8_192 };

export class SnmpLink {
  readonly #session: snmp.Session;
  readonly #where: string;
  readonly #varbinds_max: number;
  readonly #closing = new AbortController();
  /** The last datagram that made no sense, until one does: explains a timeout better than silence would. */
  #garbage: Error | undefined;

  constructor(address: SnmpAddress, credentials: SnmpCredentials, limits: SnmpLimits) {
    const { host, port, transport } = address;
    this.#where = `${host}:${port}`;
    this.#varbinds_max = limits.varbinds_max;
    const options = {
      port,
      transport,
      timeout: limits.timeout_ms,
      retries: limits.retries,
      backwardsGetNexts: false,
      dgramModule: { createSocket: guardedSocket },
    };
    this.#session =
      credentials.version === "3"
        ? snmp.createV3Session(host, credentials.user, { ...options, version: snmp.Version3 })
        : snmp.createSession(host, credentials.community, { ...options, version: snmp.Version2c });
    this.#session.on("error", (error) => {
      this.#garbage = error;
    });
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    // The library forgets a request whose datagram has not yet left when its socket is closed.
    const message = `SNMP agent ${this.#where} cannot be reached: the session is closed`;
    this.#closing.abort(new DriverError("unreachable", message, { retry: true }));
    this.#session.close();
  }

  /** The values of `oids`, in that order; what does not exist comes as an exception varbind. */
  async get(oids: readonly string[], signal: AbortSignal): Promise<Varbind[]> {
    const varbinds: Varbind[] = [];
    for (let at = 0; at < oids.length; at += VARBINDS_PER_GET_MAX) {
      const part = oids.slice(at, at + VARBINDS_PER_GET_MAX);
      const answer = await this.#ask<snmp.Varbind[]>(signal, (done) => this.#session.get(part, done));
      varbinds.push(...answer.map(plain));
    }
    return varbinds;
  }

  async set({ oid, type, value }: Varbind, signal: AbortSignal): Promise<void> {
    const wire = { oid, type, value: value instanceof Uint8Array ? Buffer.from(value) : value };
    await this.#ask<snmp.Varbind[]>(signal, (done) => this.#session.set([wire], done));
  }

  /**
   * Everything below `columns`, which are walked side by side. An agent that cannot fit an answer is asked for less
   * each time, in the end for one row of one column by GetNext.
   */
  async walk(columns: readonly string[], signal: AbortSignal): Promise<Varbind[]> {
    const found: Varbind[] = [];
    let cursors = columns.map((column) => ({ column, oid: column }));
    let repetitions = REPETITIONS_MAX;
    while (cursors.length > 0) {
      let answers: Varbind[][];
      try {
        answers = await this.#next(
          cursors.map(({ oid }) => oid),
          repetitions,
          signal,
        );
      } catch (error) {
        if (repetitions === 0 || !isTooMuch(error)) throw error;
        repetitions = Math.floor(repetitions / 2);
        continue;
      }
      const before = cursors.map(({ oid }) => oid).join();
      cursors = cursors.flatMap((cursor, i) => advance(cursor, answers[i] ?? [], found) ?? []);
      if (found.length > this.#varbinds_max) {
        const message = `SNMP agent ${this.#where} has more than ${this.#varbinds_max} values in these tables`;
        throw new DriverError("unsupported", message, { retry: false });
      }
      if (before === cursors.map(({ oid }) => oid).join()) throw this.#garbled("an empty answer");
    }
    return found;
  }

  /** The values that follow each of `oids`: a list for each. Zero repetitions: one GetNext for the first. */
  async #next(oids: readonly string[], repetitions: number, signal: AbortSignal): Promise<Varbind[][]> {
    if (repetitions === 0) {
      const next = await this.#ask<snmp.Varbind[]>(signal, (done) =>
        this.#session.getNext(oids.slice(0, 1), done),
      );
      return [next.map(plain)];
    }
    const answer = await this.#ask<(snmp.Varbind | snmp.Varbind[])[]>(signal, (done) =>
      this.#session.getBulk([...oids], 0, repetitions, done),
    );
    return answer.map((each) => (Array.isArray(each) ? each : [each]).map(plain));
  }

  #ask<T>(asked: AbortSignal, start: (done: (error: Error | null, answer?: T) => void) => void): Promise<T> {
    const signal = AbortSignal.any([asked, this.#closing.signal]);
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const abort = (): void => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      start((error, answer) => {
        signal.removeEventListener("abort", abort);
        if (error !== null) return reject(this.#failure(error));
        this.#garbage = undefined;
        if (answer === undefined) reject(this.#garbled("an empty answer"));
        else resolve(answer);
      });
    });
  }

  #failure(error: Error): DriverError {
    const agent = `SNMP agent ${this.#where}`;
    if (error.name === "RequestTimedOutError") {
      return this.#garbage === undefined
        ? new DriverError(
            "timeout",
            `${agent} does not answer: it is down, the address is wrong, or it does not accept this community`,
            { retry: true, cause: error },
          )
        : new DriverError("garbage", `${agent} answers with something that is not SNMP`, {
            retry: true,
            cause: this.#garbage,
          });
    }
    if ("status" in error && typeof error.status === "number") {
      const refused = REFUSALS.has(error.status);
      return new DriverError(
        "device-exception",
        `${agent}: ${error.message}${refused ? ": this community or user may not do that" : ""}`,
        { retry: !refused, cause: error },
      );
    }
    if ("code" in error && error.code === snmp.ResponseInvalidCode.EAuthFailure) {
      return new DriverError("login-refused", `${agent} refuses this user: ${error.message}`, {
        retry: false,
        cause: error,
      });
    }
    if (error.name === "ResponseInvalidError") return this.#garbled(error.message, error);
    return new DriverError("unreachable", `${agent} cannot be reached: ${error.message}`, {
      retry: true,
      cause: error,
    });
  }

  #garbled(what: string, cause?: Error): DriverError {
    return new DriverError("garbage", `SNMP agent ${this.#where}: ${what}`, { retry: true, cause });
  }
}

const REFUSALS: ReadonlySet<number> = new Set([
  snmp.ErrorStatus.ReadOnly,
  snmp.ErrorStatus.NoAccess,
  snmp.ErrorStatus.AuthorizationError,
  snmp.ErrorStatus.NotWritable,
]);

/** tooBig says so; agents with a broken GetBulk say genErr. */
function isTooMuch(error: unknown): boolean {
  const cause = error instanceof DriverError ? error.cause : undefined;
  return (
    cause instanceof snmp.RequestFailedError &&
    (cause.status === snmp.ErrorStatus.TooBig || cause.status === snmp.ErrorStatus.GeneralError)
  );
}

interface Cursor {
  readonly column: string;
  readonly oid: string;
}

/** Takes what belongs to the cursor's column; undefined when the column has ended. */
function advance(cursor: Cursor, answer: readonly Varbind[], found: Varbind[]): Cursor | undefined {
  let { oid } = cursor;
  for (const varbind of answer) {
    if (isException(varbind) || !isBelow(varbind.oid, cursor.column)) return undefined;
    // An agent whose object identifiers do not grow would be walked for ever.
    if (compareOids(varbind.oid, oid) <= 0) return undefined;
    found.push(varbind);
    oid = varbind.oid;
  }
  return { column: cursor.column, oid };
}

function plain({ oid, type, value }: snmp.Varbind): Varbind {
  return {
    oid,
    type: type ?? snmp.ObjectType.Null,
    value:
      typeof value === "number" || typeof value === "string" || typeof value === "boolean"
        ? value
        : value instanceof Uint8Array
          ? value
          : null,
  };
}
