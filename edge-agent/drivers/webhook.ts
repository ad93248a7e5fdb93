/**
 * Systems that post JSON: `webhook://0.0.0.0:8088/hooks/visitors`, with a secret (see webhook/authentication.ts). Each
 * record bears an id, so that what is posted again is told once; 202 is the answer when it is on the disk, and 503 asks
 * for it again. An empty list says that the system is there. TLS is for a proxy in front of the box.
 */
import { decodeText } from "@campus-ops/device-profiles/codecs/china-text";
import { recordsOf } from "@campus-ops/device-profiles/profiles/pull-reading";
import { readRecord } from "@campus-ops/device-profiles/profiles/record-mapping";
import { parseJson, SourceMessageError } from "@campus-ops/device-profiles/profiles/source-message";
import type { WebhookProfile } from "@campus-ops/device-profiles/profiles/webhook-profile";
import { type DeviceEvent, GOOD, type Reading, type Sample } from "@campus-ops/device-profiles/vocabulary";
import {
  type DeviceSession,
  type Driver,
  type DriverEnvironment,
  DriverError,
  type ReadingSink,
} from "./driver.ts";
import { Lines } from "./line.ts";
import { CallTally } from "./listener/call-tally.ts";
import { LINGER_MS } from "./listener/switchboard.ts";
import { type Hook, HookServer, type Outcome } from "./webhook/server.ts";

export const WEBHOOK_PORT = 8088;
export const RECORDS_MAX = 1_000;

const EXAMPLE = `webhook://0.0.0.0:${WEBHOOK_PORT}/hooks/visitors`;

export const webhookDriver: Driver<WebhookProfile> = createWebhookDriver();

export function createWebhookDriver(linger_ms = LINGER_MS): Driver<WebhookProfile> {
  const servers = new Lines<HookServer>((server) => server.close());
  const calls = new CallTally();
  return {
    calls,
    async open({ secret, url }, profile, environment) {
      if (url.protocol !== "webhook:" || url.hostname === "" || url.pathname.length < 2) {
        throw new DriverError("unsupported", `${url.href} is no place to post to; it must read ${EXAMPLE}`, {
          retry: false,
        });
      }
      if (secret === undefined) {
        throw new DriverError("unsupported", "a webhook needs a secretFile: anybody could post to it", {
          retry: false,
        });
      }
      const host = url.hostname.replace(/^\[|\]$/g, "");
      const port = url.port === "" ? WEBHOOK_PORT : Number(url.port);
      const lease = await servers.lease(`${host}:${port}`, () => HookServer.open(host, port, calls));
      const hook = lease.line.expect(url.pathname, secret, () => environment.onCall?.());
      const letGo = async (): Promise<void> => {
        if (linger_ms === 0) await lease.release();
        else setTimeout(() => void lease.release(), linger_ms).unref();
      };
      return new WebhookSession(lease.line, hook, profile, environment, letGo);
    },
  };
}

/** Without a poll: the system cannot be asked, and is online when it has posted. */
class WebhookSession implements DeviceSession {
  readonly #server: HookServer;
  readonly #hook: Hook;
  readonly #profile: WebhookProfile;
  readonly #environment: DriverEnvironment;
  readonly #letGo: () => Promise<void>;
  #heard_ms = performance.now();
  /** Records that are on their way to the disk, by their id: one that comes again meanwhile has the same fate. */
  readonly #onTheWay = new Map<string, Promise<boolean>>();

  constructor(
    server: HookServer,
    hook: Hook,
    profile: WebhookProfile,
    environment: DriverEnvironment,
    letGo: () => Promise<void>,
  ) {
    this.#server = server;
    this.#hook = hook;
    this.#profile = profile;
    this.#environment = environment;
    this.#letGo = letGo;
  }

  async subscribe(sink: ReadingSink, signal: AbortSignal): Promise<void> {
    const { silenceMax_ms } = this.#profile;
    const ended = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => ended.resolve(), { once: true });
    const stop = this.#hook.serve((body) => this.#take(body, sink));
    const watch = setInterval(() => {
      if (performance.now() - this.#heard_ms < silenceMax_ms) return;
      const silence = `nothing was posted for ${Math.round(silenceMax_ms / 1000)} s`;
      ended.reject(new DriverError("timeout", silence, { retry: true, conclusive: true }));
    }, silenceMax_ms / 4);
    try {
      await ended.promise;
    } finally {
      clearInterval(watch);
      stop();
    }
  }

  async close(): Promise<void> {
    await this.#letGo();
  }

  async #take(body: Uint8Array, sink: ReadingSink): Promise<Outcome> {
    this.#heard_ms = performance.now();
    let reading: Reading;
    try {
      reading = this.#read(body);
    } catch (error) {
      if (error instanceof SourceMessageError) return "no-sense";
      throw error;
    }
    const repeated = reading.events.flatMap((event) => this.#onTheWay.get(keyOf(event)) ?? []);
    const fresh = reading.events.filter((event) => !this.#onTheWay.has(keyOf(event)));
    const kept = new Promise<boolean>((settled) => sink({ ...reading, events: fresh }, settled));
    for (const event of fresh) this.#onTheWay.set(keyOf(event), kept);
    try {
      const fates = await Promise.all([kept, ...repeated]);
      return fates.every(Boolean) ? "kept" : "not-kept";
    } finally {
      for (const event of fresh) this.#onTheWay.delete(keyOf(event));
    }
  }

  #read(body: Uint8Array): Reading {
    const text = decodeText(body);
    if (text === undefined) throw new SourceMessageError("the body is text in no encoding");
    const records = recordsOf(parseJson(text), this.#profile.records);
    if (records.length > RECORDS_MAX) throw new SourceMessageError(`more than ${RECORDS_MAX} records`);
    const receivedAt = this.#environment.now();
    const { pseudonym } = this.#environment;
    const samples: Sample[] = [];
    const events: DeviceEvent[] = [];
    for (const record of records) {
      const reading = readRecord(this.#profile.mappings, record, { receivedAt, live: true, pseudonym });
      if (reading === undefined) {
        this.#hook.malformed += 1;
        continue;
      }
      samples.push(...reading.samples);
      events.push(...reading.events);
    }
    return { samples: [...samples, ...this.#counts(receivedAt)], events };
  }

  #counts(eventTime: number): readonly Sample[] {
    const counts = {
      "Connectivity/RefusedCalls": this.#hook.refused,
      "Connectivity/UnknownCallers": this.#server.unknownCallers,
      "Connectivity/Malformed": this.#hook.malformed,
    };
    return Object.entries(counts).map(([metric, value]) => ({ metric, value, quality: GOOD, eventTime }));
  }
}

const keyOf = ({ event, id }: DeviceEvent): string => `${event} ${id}`;
