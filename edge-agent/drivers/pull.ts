/**
 * Systems that have a list or a file at an address: `http://host/path.csv`, looked at every so often, conditionally:
 * what has not changed is not sent again. With a user name the login is Basic; with a secret alone it is a Bearer token.
 */

import type { PullProfile } from "@campus-ops/device-profiles/profiles/pull-profile";
import {
  type PulledReading,
  readRecords,
  recordsOfDocument,
} from "@campus-ops/device-profiles/profiles/pull-reading";
import { SourceMessageError } from "@campus-ops/device-profiles/profiles/source-message";
import { GOOD, type Reading } from "@campus-ops/device-profiles/vocabulary";
import {
  type DeviceSession,
  type DeviceTarget,
  type Driver,
  type DriverEnvironment,
  DriverError,
} from "./driver.ts";
import { exchange, type HttpAnswer } from "./http/exchange.ts";

export const DOCUMENT_BYTES_MAX = 8 * 1024 * 1024;
const REQUEST_MS_MAX = 8_000;

export const pullDriver: Driver<PullProfile> = {
  async open(target, profile, environment, signal) {
    if (target.url.protocol !== "http:" && target.url.protocol !== "https:") {
      throw new DriverError(
        "unsupported",
        `${target.url.href} is no address to fetch; it must begin with http:// or https://`,
        {
          retry: false,
        },
      );
    }
    const session = new PullSession(target, profile, environment);
    await session.prove(signal);
    return session;
  },
};

class PullSession implements DeviceSession {
  readonly #target: DeviceTarget;
  readonly #profile: PullProfile;
  readonly #environment: DriverEnvironment;
  #cursor: string | undefined;
  /** Of the document that was read last: `If-None-Match`, or where there is none `If-Modified-Since`. */
  #validators: Readonly<Record<string, string>> = {};
  #first: HttpAnswer | undefined;
  #malformed = 0;

  constructor(target: DeviceTarget, profile: PullProfile, environment: DriverEnvironment) {
    this.#target = target;
    this.#profile = profile;
    this.#environment = environment;
    this.#cursor = environment.cursor;
  }

  /** Fetches the document once, for the first poll, so that a wrong address or login shows at once. */
  async prove(signal: AbortSignal): Promise<void> {
    this.#first = await this.#fetch(signal);
  }

  async poll(signal: AbortSignal): Promise<Reading> {
    const answer = this.#first ?? (await this.#fetch(signal));
    this.#first = undefined;
    const reading = answer.status === 304 ? undefined : this.#read(answer);
    if (reading !== undefined) {
      this.#malformed += reading.unknown;
      this.#cursor = reading.cursor ?? this.#cursor;
      this.#validators = validatorsOf(answer);
    }
    const count = {
      metric: "Connectivity/Malformed",
      value: this.#malformed,
      quality: GOOD,
      eventTime: this.#environment.now(),
    };
    const { cursor, events = [], samples = [] } = reading ?? {};
    return { samples: [...samples, count], events, ...(cursor === undefined ? {} : { cursor }) };
  }

  /** Each exchange has its own connection. */
  async close(): Promise<void> {}

  async #fetch(signal: AbortSignal): Promise<HttpAnswer> {
    const answer = await exchange(
      this.#address(),
      {
        method: "GET",
        headers: { ...this.#login(), ...this.#validators },
        timeout_ms: REQUEST_MS_MAX,
        bytes_max: DOCUMENT_BYTES_MAX,
      },
      signal,
    );
    if (answer.status === 200 || answer.status === 304) return answer;
    const { host } = this.#target.url;
    if (answer.status === 401 || answer.status === 403) {
      throw new DriverError("login-refused", `${host} answers ${answer.status}: it does not let us in`, {
        retry: false,
      });
    }
    throw new DriverError("device-exception", `${host} answers ${answer.status}`, { retry: true });
  }

  #read({ body }: HttpAnswer): PulledReading {
    try {
      return readRecords(this.#profile, recordsOfDocument(this.#profile, body), this.#cursor, {
        receivedAt: this.#environment.now(),
        live: false,
        pseudonym: this.#environment.pseudonym,
      });
    } catch (cause) {
      if (!(cause instanceof SourceMessageError)) throw cause;
      throw new DriverError("garbage", `what ${this.#target.url.host} sent: ${cause.message}`, {
        retry: true,
        cause,
      });
    }
  }

  #address(): URL {
    const url = new URL(this.#target.url);
    url.username = "";
    const query = this.#profile.cursor?.query;
    if (query !== undefined && this.#cursor !== undefined) url.searchParams.set(query, this.#cursor);
    return url;
  }

  #login(): Readonly<Record<string, string>> {
    const { secret, username } = this.#target;
    if (username !== undefined) {
      return { authorization: `Basic ${Buffer.from(`${username}:${secret ?? ""}`).toString("base64")}` };
    }
    return secret === undefined ? {} : { authorization: `Bearer ${secret}` };
  }
}

/** A cursor in the address makes every answer another document: nothing is conditional then, and needs not be. */
function validatorsOf({ headers }: HttpAnswer): Readonly<Record<string, string>> {
  if (headers.etag !== undefined) return { "if-none-match": headers.etag };
  const modified = headers["last-modified"];
  return modified === undefined ? {} : { "if-modified-since": modified };
}
