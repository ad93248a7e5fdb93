/**
 * Zigbee devices behind Zigbee2MQTT: `mqtt://server:1883/<base topic>/<friendly name or IEEE address>`; user and secret
 * are the MQTT server's. What a device is called is looked up in `bridge/devices`, so that its IEEE address stays right
 * when somebody gives it another name.
 */

import { SourceMessageError } from "@campus-ops/device-profiles/profiles/source-message";
import { sourceWord } from "@campus-ops/device-profiles/profiles/source-value";
import type { Zigbee2mqttProfile } from "@campus-ops/device-profiles/profiles/zigbee2mqtt-profile";
import {
  findZigbeeDevice,
  parseAvailability,
  readZigbeeState,
  type ZigbeeEntry,
} from "@campus-ops/device-profiles/profiles/zigbee2mqtt-reading";
import {
  GOOD,
  type MetricName,
  metricDefinition,
  type Reading,
  type Sample,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import {
  cannotBeSet,
  type DeviceSession,
  type Driver,
  type DriverEnvironment,
  DriverError,
  type ReadingSink,
} from "./driver.ts";
import type { Lease } from "./line.ts";
import { type GatewayLine, type GatewayMessage, leaseGatewayLine } from "./mqtt-source/gateway-line.ts";
import { sourcePath } from "./mqtt-source/path.ts";

/** Messages that wait for the subscription; what was kept by the server comes before it. */
export const WAITING_MAX = 64;
/** After a command the device itself is asked, and has so long to answer. */
const READ_BACK_MS_MAX = 1_000;

const text = new TextDecoder();

export const zigbee2mqttDriver: Driver<Zigbee2mqttProfile> = {
  async open(target, profile, environment, signal) {
    const [base = "", ...rest] = sourcePath(target, "mqtt://server:1883/zigbee2mqtt/<friendly name>", 2);
    const lease = await leaseGatewayLine(target, signal);
    const session = new ZigbeeSession(lease, base, rest.join("/"), profile, environment);
    try {
      await session.find(signal);
    } catch (error) {
      await session.close();
      throw error;
    }
    return session;
  },
};

class ZigbeeSession implements DeviceSession {
  readonly #lease: Lease<GatewayLine>;
  readonly #base: string;
  /** As the configuration has it. */
  readonly #name: string;
  readonly #profile: Zigbee2mqttProfile;
  readonly #environment: DriverEnvironment;
  readonly #found = Promise.withResolvers<void>();
  readonly #lost = Promise.withResolvers<never>();
  #topics: readonly string[] = [];
  #entry: ZigbeeEntry | undefined;
  #isOffline = false;
  #waiting: GatewayMessage[] = [];
  #sink: ((message: GatewayMessage) => void) | undefined;
  readonly #latest = new Map<MetricName, Sample>();
  /** Properties that a command has set and the device has not shown. */
  readonly #unconfirmed = new Set<string>();
  #shown = Promise.withResolvers<void>();
  #malformed = 0;
  #hasHeard = false;

  constructor(
    lease: Lease<GatewayLine>,
    base: string,
    name: string,
    profile: Zigbee2mqttProfile,
    environment: DriverEnvironment,
  ) {
    this.#lease = lease;
    this.#base = base;
    this.#name = name;
    this.#profile = profile;
    this.#environment = environment;
    this.#lost.promise.catch(() => undefined);
    this.#found.promise.catch(() => undefined);
    void lease.line.ended.then((error) => this.#lose(error));
  }

  /** Resolves when the gateway knows the device and does not call it offline. */
  async find(signal: AbortSignal): Promise<void> {
    const onAbort = (): void =>
      this.#found.reject(
        new DriverError(
          "unreachable",
          this.#isOffline
            ? "Zigbee2MQTT says that the device is offline"
            : "Zigbee2MQTT does not publish there",
          { retry: true },
        ),
      );
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await this.#listen([`${this.#base}/bridge/state`, `${this.#base}/bridge/devices`]);
      await this.#found.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async identify(): Promise<Reading> {
    const eventTime = this.#environment.now();
    const facts = this.#entry?.facts ?? [];
    return {
      samples: facts.map(([metric, value]) => ({ metric, value, quality: GOOD, eventTime })),
      events: [],
    };
  }

  async poll(signal: AbortSignal): Promise<Reading> {
    if (this.#isOffline) throw offline();
    if (this.#unconfirmed.size > 0) await this.#askBack(signal);
    const count: Sample = {
      metric: "Connectivity/Malformed",
      value: this.#malformed,
      quality: GOOD,
      eventTime: this.#environment.now(),
    };
    return { samples: [...this.#latest.values(), count], events: [] };
  }

  async subscribe(sink: ReadingSink, signal: AbortSignal): Promise<void> {
    const ended = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => ended.resolve(), { once: true });
    this.#sink = (message) => {
      const reading = this.#read(message);
      if (reading !== undefined) sink(reading);
    };
    for (const message of this.#waiting.splice(0)) this.#sink(message);
    try {
      await Promise.race([ended.promise, this.#lost.promise]);
    } finally {
      this.#sink = undefined;
    }
  }

  async write(metric: MetricName, value: SampleValue): Promise<void> {
    const found = Object.entries(this.#profile.exposes).find(([, source]) => source.metric === metric);
    if (found === undefined || metricDefinition(metric)?.writable !== true) {
      throw cannotBeSet(this.#profile, metric, value);
    }
    const [property, source] = found;
    this.#unconfirmed.add(property);
    const payload = JSON.stringify({ [property]: sourceWord(source, value) });
    await this.#lease.line.publish(`${this.#base}/${this.#friendlyName}/set`, payload);
  }

  async close(): Promise<void> {
    this.#lease.line.forget(this.#topics, this.#onMessage);
    await this.#lease.release();
  }

  get #friendlyName(): string {
    return this.#entry?.friendlyName ?? this.#name;
  }

  async #listen(topics: readonly string[]): Promise<void> {
    this.#topics = [...this.#topics, ...topics];
    await this.#lease.line.listen(topics, this.#onMessage);
  }

  readonly #onMessage = (message: GatewayMessage): void => {
    try {
      this.#hear(message);
    } catch (error) {
      if (!(error instanceof SourceMessageError)) throw error;
      this.#malformed += 1;
    }
  };

  #hear(message: GatewayMessage): void {
    const { payload, topic } = message;
    switch (topic.slice(this.#base.length + 1)) {
      case "bridge/state":
        this.#setOffline(parseAvailability(text.decode(payload)) === "offline");
        return;
      case "bridge/devices":
        this.#lookUp(text.decode(payload));
        return;
      case `${this.#friendlyName}/availability`:
        this.#setOffline(parseAvailability(text.decode(payload)) === "offline");
        return;
      default:
        if (this.#sink !== undefined) this.#sink(message);
        else this.#waiting = [...this.#waiting, message].slice(-WAITING_MAX);
    }
  }

  #lookUp(list: string): void {
    const before = this.#entry;
    const entry = findZigbeeDevice(list, this.#name);
    if (entry === undefined) {
      this.#lose(
        new DriverError("unreachable", `Zigbee2MQTT knows no device called ${this.#name}`, { retry: true }),
      );
      return;
    }
    this.#entry = entry;
    if (before?.friendlyName === entry.friendlyName) return;
    if (before !== undefined) {
      this.#lose(
        new DriverError("unreachable", `the device is called ${entry.friendlyName} now`, { retry: true }),
      );
      return;
    }
    const topic = `${this.#base}/${entry.friendlyName}`;
    this.#listen([`${topic}/availability`, topic]).then(
      // What the server has kept of its availability comes before this.
      () => {
        if (!this.#isOffline) this.#found.resolve();
      },
      (error: unknown) => this.#found.reject(error),
    );
  }

  #setOffline(isOffline: boolean): void {
    this.#isOffline = isOffline;
    if (isOffline) this.#lost.reject(offline());
    else if (this.#entry !== undefined) this.#found.resolve();
  }

  #lose(error: DriverError): void {
    this.#found.reject(error);
    this.#lost.reject(error);
  }

  #read({ payload, retained }: GatewayMessage): Reading | undefined {
    // What the device has just said is newer than what the server has kept, whichever comes first.
    if (retained && this.#hasHeard) return undefined;
    this.#hasHeard ||= !retained;
    try {
      const receipt = { receivedAt: this.#environment.now(), retained };
      const message = text.decode(payload);
      const reading = readZigbeeState(this.#profile, message, receipt);
      for (const sample of reading.samples) this.#latest.set(sample.metric, sample);
      this.#shown.resolve();
      return reading;
    } catch (error) {
      if (!(error instanceof SourceMessageError)) throw error;
      this.#malformed += 1;
      return undefined;
    }
  }

  /** Zigbee2MQTT may show what it was told to set before the device has done it: the device itself is asked. */
  async #askBack(signal: AbortSignal): Promise<void> {
    const properties = Object.fromEntries([...this.#unconfirmed].map((property) => [property, ""]));
    this.#shown = Promise.withResolvers();
    await this.#lease.line.publish(`${this.#base}/${this.#friendlyName}/get`, JSON.stringify(properties));
    const late = AbortSignal.any([signal, AbortSignal.timeout(READ_BACK_MS_MAX)]);
    const gaveUp = new Promise<"late">((resolve) => {
      late.addEventListener("abort", () => resolve("late"), { once: true });
    });
    const answer = await Promise.race([this.#shown.promise, gaveUp]);
    if (answer !== "late") this.#unconfirmed.clear();
  }
}

const offline = (): DriverError =>
  new DriverError("unreachable", "Zigbee2MQTT says that the device is offline", { retry: true });
