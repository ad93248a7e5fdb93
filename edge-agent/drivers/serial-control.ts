/**
 * Central controllers, projectors and displays that are controlled by a table of bytes, on a serial line or behind a
 * serial server: `serial-control:///dev/ttyUSB0?baud=9600&id=1` or `serial-control://host:port?id=1`.
 */
import type { BytePattern } from "@campus-ops/device-profiles/codecs/byte-pattern";
import {
  commandFor,
  type Heard,
  type Listening,
  listen,
  type Said,
  type SerialControlProfile,
  serialSample,
} from "@campus-ops/device-profiles/profiles/serial-control-profile";
import type { MetricName, Reading, Sample, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import {
  cannotBeSet,
  type DeviceSession,
  type DeviceTarget,
  type Driver,
  type DriverEnvironment,
  DriverError,
} from "./driver.ts";
import type { Lease } from "./line.ts";
import { gap_ms, type LineAddress, parseLineAddress } from "./serial/address.ts";
import type { Bus, Turn } from "./serial/bus.ts";
import { leaseBus } from "./serial/buses.ts";
import { Ear } from "./serial-control/ear.ts";
import { Interlocks } from "./serial-control/interlocks.ts";

/** How long the line is listened to at a time for what the device says by itself; others wait so long at most. */
const LISTEN_ms = 200;
const ID_MAX = 255;
/** A device that goes on talking is interrupted. */
const PIECES_MAX = 32;

export const serialControlDriver: Driver<SerialControlProfile> = {
  async open(target, profile, environment, signal) {
    const address = addressOf(target, profile);
    const id = idOf(target, profile);
    const session = new SerialControlSession(await leaseBus(address, signal), id, profile, environment);
    try {
      await session.prove(signal);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  },
};

class SerialControlSession implements DeviceSession {
  readonly #lease: Lease<Bus>;
  readonly #profile: SerialControlProfile;
  readonly #environment: DriverEnvironment;
  readonly #id: number;
  readonly #user: string;
  readonly #interlocks: Interlocks;
  /** The newest of each metric, as the device told it. */
  readonly #latest = new Map<MetricName, SampleValue>();
  readonly #ear: Ear;

  constructor(lease: Lease<Bus>, id: number, profile: SerialControlProfile, environment: DriverEnvironment) {
    this.#lease = lease;
    this.#profile = profile;
    this.#environment = environment;
    this.#id = id;
    this.#user = `${profile.id} ${this.#id}`;
    this.#interlocks = new Interlocks(profile.interlocks ?? []);
    this.#ear = new Ear((received) => this.#told(received));
  }

  /** Whoever answers the first question is there. */
  async prove(signal: AbortSignal): Promise<void> {
    const [first] = this.#questions();
    if (first !== undefined) await this.#ask(...first, signal);
  }

  async poll(signal: AbortSignal): Promise<Reading> {
    const samples: Sample[] = [];
    for (const [metric, query] of this.#questions()) {
      const value = await this.#ask(metric, query, signal);
      samples.push(serialSample(metric, value, this.#environment.now()));
    }
    for (const { metric, value } of this.#interlocks.due(this.#latest, this.#environment.now())) {
      await this.#command(metric, value, signal);
    }
    return { samples, events: [] };
  }

  async write(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void> {
    const first = this.#interlocks.before(metric, value, this.#latest, this.#environment.now());
    await (first === undefined
      ? this.#command(metric, value, signal)
      : this.#command(first.metric, first.value, signal));
  }

  async close(): Promise<void> {
    await this.#lease.release();
  }

  #questions(): readonly (readonly [MetricName, BytePattern])[] {
    return Object.entries(this.#profile.points).flatMap(([metric, { query }]) =>
      query === undefined ? [] : [[metric, query] as const],
    );
  }

  /** The value; undefined when the device says that it cannot tell now. */
  async #ask(metric: MetricName, query: BytePattern, signal: AbortSignal): Promise<SampleValue | undefined> {
    const said = await this.#exchange(
      query.make({ id: this.#id }),
      { metrics: [metric] },
      this.#profile.retries,
      signal,
    );
    return said.kind === "told" ? said.heard.value : undefined;
  }

  async #command(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void> {
    const frame = commandFor(this.#profile, metric, value, this.#id);
    if (frame === undefined) {
      throw cannotBeSet(this.#profile, metric, value);
    }
    const said = await this.#exchange(frame, { metrics: [metric], acknowledged: true }, 0, signal);
    if (said.kind !== "refused") return;
    const what = `${this.#profile.id} says no to ${metric} ${String(value)}; it may be warming up or cooling down`;
    throw new DriverError("device-exception", what, { retry: true });
  }

  async #exchange(
    frame: Uint8Array,
    listening: Listening,
    retries: number,
    signal: AbortSignal,
  ): Promise<Said> {
    const resume = this.#ear.interrupt();
    try {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await this.#lease.line.exclusively(this.#user, signal, (turn) =>
            this.#converse(turn, frame, listening),
          );
        } catch (error) {
          const unanswered =
            error instanceof DriverError && (error.kind === "timeout" || error.kind === "garbage");
          if (!unanswered || attempt >= retries || signal.aborted) throw error;
        }
      }
    } finally {
      resume();
    }
  }

  /** What the device told by itself, before the question and between question and answer, is heard too. */
  async #converse(turn: Turn, frame: Uint8Array, listening: Listening): Promise<Said> {
    await this.#hearOut(turn);
    let heard: Uint8Array = new Uint8Array(0);
    const answer = await turn.ask(
      frame,
      (received) => {
        heard = received;
        return listen(this.#profile, received, this.#id, listening).said.at(-1);
      },
      this.#profile.answer_ms,
    );
    if (answer.kind === "told") this.#latest.set(answer.heard.metric, answer.heard.value);
    this.#ear.hear(heard);
    return answer;
  }

  /** What is still being said when we want to speak would be dropped by speaking. */
  async #hearOut(turn: Turn): Promise<void> {
    if (this.#profile.tellsChanges !== true) return;
    for (let piece = 0; piece < PIECES_MAX; piece++) {
      const bytes = await nextBytes(turn, gap_ms(this.#lease.line.address));
      if (bytes === undefined) return;
      this.#ear.hear(bytes);
    }
  }

  /** Listens to the line in short turns, between which the others have theirs. */
  async subscribe(sink: (reading: Reading) => void, signal: AbortSignal): Promise<void> {
    if (this.#profile.tellsChanges !== true) {
      throw new DriverError("unsupported", `${this.#profile.id} tells nothing by itself`, { retry: false });
    }
    await this.#ear.listen(sink, signal, (whileFree) =>
      this.#lease.line.exclusively(this.#user, whileFree, (turn) => nextBytes(turn, LISTEN_ms)),
    );
  }

  #told(received: Uint8Array): { readonly samples: readonly Sample[]; readonly rest: number } {
    const { rest, said } = listen(this.#profile, received, this.#id);
    const samples = said.flatMap((each) => (each.kind === "told" ? [this.#sample(each.heard)] : []));
    return { samples, rest };
  }

  #sample({ metric, value }: Heard): Sample {
    this.#latest.set(metric, value);
    return serialSample(metric, value, this.#environment.now());
  }
}

/** Undefined when the device was silent. */
async function nextBytes(turn: Turn, wait_ms: number): Promise<Uint8Array | undefined> {
  try {
    return await turn.receive(wait_ms);
  } catch (error) {
    if (error instanceof DriverError && error.kind === "timeout") return undefined;
    throw error;
  }
}

function addressOf({ url }: DeviceTarget, { gap_ms: gap, line }: SerialControlProfile): LineAddress {
  const { port, ...settings } = line;
  const address = parseLineAddress(url, { settings, ...(port === undefined ? {} : { port }) });
  return { gap_ms: gap, ...address };
}

function idOf({ url }: DeviceTarget, profile: SerialControlProfile): number {
  const text = url.searchParams.get("id");
  if (text === null) return profile.deviceNumber;
  if (/^[0-9]{1,3}$/.test(text) && Number(text) <= ID_MAX) return Number(text);
  const what = `${url.href}: id is the device's number on the line, 0 to ${ID_MAX}`;
  throw new DriverError("unsupported", what, { retry: false });
}
