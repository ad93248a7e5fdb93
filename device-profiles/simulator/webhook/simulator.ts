/** A system that posts each record, and posts it again until it is told that it was kept. */
import { request } from "node:http";
import { encodeGb18030 } from "../../codecs/china-text.ts";
import type { WebhookProfile } from "../../profiles/webhook-profile.ts";
import { freePort } from "../calling-client.ts";
import { type MutableRecord, RecordSource } from "../record-source.ts";
import {
  checkFault,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";

const PATH = "/hooks/simulated";
const SECRET = "secret of the simulated system";
/** Real systems wait for minutes; a rehearsal does not. */
const RETRY_ms = 30;
const REQUEST_MS_MAX = 5_000;
/** How often it says that it is there when it has nothing to say. */
const PRESENCE_ms = 10_000;
const KEPT_MAX = 1_000;
const STORM = 20;

/** Nobody can see that a system which posts has gone: only that it posts nothing. */
const FAULTS = [
  "hang",
  "garbage",
  "clock-1970",
  "clock-ahead",
  "local-time",
  "replay",
  "counter-reset",
  "storm",
  "mislabelled-text",
] as const satisfies readonly SimulatedFault[];

export async function startWebhookSimulator(
  profile: WebhookProfile,
  options: SimulatorOptions = {},
): Promise<SimulatedDevice> {
  const port = options.port || (await freePort());
  const source = new RecordSource(profile.id, profile.mappings, options.now ?? Date.now);
  const poster = new Poster(port, options.secret ?? SECRET);
  poster.beginPresence();
  return {
    url: `webhook://127.0.0.1:${port}${PATH}`,
    set: (metric, value) => {
      source.set(metric, value);
      for (const record of source.states()) poster.post(record);
    },
    get: (metric) => source.get(metric),
    raise: (event, fields) => poster.post(source.happening(event, fields)),
    faults: FAULTS,
    fault: async (fault) => {
      checkFault(fault, FAULTS);
      source.fault = fault;
      poster.fault = fault;
      if (fault === "counter-reset") source.resetSerial();
    },
    close: async () => poster.close(),
  };
}

/** A record, or an empty list. */
type Posted = MutableRecord | readonly never[];

class Poster {
  fault: SimulatedFault | null = null;
  readonly #port: number;
  readonly #secret: string;
  #unanswered: Posted[] = [];
  #retry: NodeJS.Timeout | undefined;
  #presence: NodeJS.Timeout | undefined;
  #closed = false;
  #isPosting = false;

  constructor(port: number, secret: string) {
    this.#port = port;
    this.#secret = secret;
  }

  post(record: Posted): void {
    this.#unanswered = [...this.#unanswered, record].slice(-KEPT_MAX);
    if (this.#retry === undefined && !this.#isPosting) void this.#postAll();
  }

  /** An empty list is the way to say that one is there: a box that was started anew has to hear it. */
  beginPresence(): void {
    this.post([]);
    this.#presence = setInterval(() => {
      if (this.#unanswered.length === 0) this.post([]);
    }, PRESENCE_ms);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#presence);
    clearTimeout(this.#retry);
  }

  async #postAll(): Promise<void> {
    this.#retry = undefined;
    this.#isPosting = true;
    for (const record of [...this.#unanswered]) {
      const copies = this.fault === "storm" || this.fault === "replay" ? STORM : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        if ((await this.#send(record)) !== 202) continue;
        this.#unanswered = this.#unanswered.filter((each) => each !== record);
      }
    }
    this.#isPosting = false;
    if (this.#unanswered.length > 0 && !this.#closed) {
      this.#retry = setTimeout(() => void this.#postAll(), RETRY_ms);
    }
  }

  /** The status of the answer; 0 when nobody answers. */
  #send(record: Posted): Promise<number> {
    const json = JSON.stringify(record);
    const text = this.fault === "garbage" ? json.slice(0, -1) : json;
    const body = this.fault === "mislabelled-text" ? encodeGb18030(text) : Buffer.from(text);
    return new Promise((resolve) => {
      const posting = request(
        {
          host: "127.0.0.1",
          port: this.#port,
          path: PATH,
          method: "POST",
          agent: false,
          timeout: REQUEST_MS_MAX,
          headers: {
            authorization: `Bearer ${this.#secret}`,
            "content-type": "application/json; charset=utf-8",
            "content-length": String(body.length),
          },
        },
        (answer) => {
          answer.resume();
          answer.on("end", () => resolve(answer.statusCode ?? 0));
        },
      );
      posting.on("error", () => resolve(0));
      posting.on("timeout", () => posting.destroy());
      // A sender that stops in the middle of what it says.
      if (this.fault === "hang") posting.write(body.subarray(0, 1));
      else posting.end(body);
    });
  }
}
