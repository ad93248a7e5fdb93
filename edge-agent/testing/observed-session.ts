/** A session with a simulated device, and everything that came from it. */
import { setTimeout as pause } from "node:timers/promises";
import { PROFILES, type Profile } from "@campus-ops/device-profiles/profiles";
import {
  type SimulatedDevice,
  type SimulatorOptions,
  startSimulator,
} from "@campus-ops/device-profiles/simulator";
import type { DeviceEvent, MetricName, Reading, Sample } from "@campus-ops/device-profiles/vocabulary";
import { type DeviceSession, DriverError } from "../drivers/driver.ts";
import { openSession } from "../drivers/registry.ts";

/** What the device is locked with, where its protocol has locks, and what the session opens it with. */
const LOGIN = { username: "campus-ops", secret: "Passw0rd-1" } as const;

/**
 * Device and driver live ten times as fast as we do: what ends by not being said again ends before somebody is tired of
 * waiting.
 */
const start = Date.now();
const now = (): number => start + (Date.now() - start) * 10;

const OPEN_MS_MAX = 10_000;
const ARRIVAL_MS_MAX = 5_000;
/** Between two looks at a device that shows nothing new yet. */
const LOOK_AGAIN_MS = 5;

/** A stream has to be watched for seconds before anybody can say what it shows: its round trip is in `rtsp.test.ts`. */
export const isAskedAtOnce = ({ protocol }: Profile): boolean => protocol !== "rtsp";

/** A profile of each protocol, whose device is put to every fault that its simulator plays. */
export function oneOfEachProtocol(): readonly Profile[] {
  const asked = PROFILES.filter(isAskedAtOnce).toReversed();
  return [...new Map(asked.map((profile) => [profile.protocol, profile])).values()];
}

export const startDevice = (profile: Profile, options: SimulatorOptions = {}): Promise<SimulatedDevice> =>
  startSimulator(profile, { ...LOGIN, now, ...options });

export class ObservedSession {
  readonly session: DeviceSession;
  readonly latest = new Map<MetricName, Sample>();
  readonly events: DeviceEvent[] = [];
  readonly #ending = new AbortController();
  #lost: unknown;
  #pushed = Promise.withResolvers<void>();

  private constructor(session: DeviceSession) {
    this.session = session;
  }

  /** Rejects as the driver does. */
  static async open(
    profile: Profile,
    device: SimulatedDevice,
    deadline_ms = OPEN_MS_MAX,
  ): Promise<ObservedSession> {
    const target = { url: new URL(device.url), ...LOGIN };
    // A credential is compared with what was shown to the reader: nothing is hashed.
    const environment = { now, pseudonym: (text: string) => text };
    const session = await openSession(target, profile, environment, deadline(deadline_ms));
    const observed = new ObservedSession(session);
    observed.#follow();
    return observed;
  }

  /** Asks for everything the device tells when it is asked; `facts` too, which are asked once in a session. */
  async look(facts = false, deadline_ms = ARRIVAL_MS_MAX): Promise<void> {
    const signal = deadline(deadline_ms);
    if (facts) this.#take((await this.session.identify?.(signal)) ?? NOTHING);
    this.#take((await this.session.poll?.(signal)) ?? NOTHING);
  }

  /** Looks until it is so; rejects with `what` and what was seen instead. */
  async until(what: string, isSo: () => boolean, facts = false): Promise<void> {
    const began = performance.now();
    await this.look(facts);
    while (!isSo()) {
      if (performance.now() - began > ARRIVAL_MS_MAX) {
        throw new Error(`waited in vain for ${what}`, { cause: this.#lost });
      }
      await Promise.race([this.#pushed.promise, pause(LOOK_AGAIN_MS)]);
      await this.look(facts);
    }
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.session.close();
  }

  #follow(): void {
    this.session
      .subscribe?.((reading, settled) => {
        this.#take(reading);
        settled?.(true);
        this.#pushed.resolve();
        this.#pushed = Promise.withResolvers();
      }, this.#ending.signal)
      .catch((error: unknown) => {
        this.#lost = error;
      });
  }

  #take({ events, samples }: Reading): void {
    for (const sample of samples) this.latest.set(sample.metric, sample);
    this.events.push(...events);
  }
}

/** As the supervisor's: what is abandoned is told as a timeout. */
function deadline(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  const late = new DriverError("timeout", `it took longer than ${milliseconds} ms`, { retry: true });
  setTimeout(() => controller.abort(late), milliseconds).unref();
  return controller.signal;
}

const NOTHING: Reading = { samples: [], events: [] };
