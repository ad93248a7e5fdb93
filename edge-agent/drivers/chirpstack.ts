/**
 * LoRaWAN devices behind ChirpStack v4 with its MQTT integration, in JSON or in Protocol Buffers:
 * `mqtt://server:1883/application/<application id>/device/<DevEUI>`; user and secret are the MQTT server's.
 *
 * A device says something when it has something to say, and cannot be asked. A command waits in ChirpStack's queue
 * until the device listens, which for most is after its next uplink: its outcome is then unknown when the agent's time
 * for commands is over, and shows itself later.
 */
import {
  formatDownlink,
  type Marshaler,
  marshalerOf,
} from "@campus-ops/device-profiles/profiles/chirpstack-messages";
import type { ChirpstackProfile } from "@campus-ops/device-profiles/profiles/chirpstack-profile";
import {
  type LorawanReading,
  readStatus,
  readUplink,
} from "@campus-ops/device-profiles/profiles/chirpstack-reading";
import { SourceMessageError } from "@campus-ops/device-profiles/profiles/source-message";
import { GOOD, type MetricName, type Sample, type SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { RecentIds } from "../core/recent-ids.ts";
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

const EXAMPLE = "mqtt://server:1883/application/<application id>/device/<DevEUI>";
const EVENTS = ["up", "status"] as const;
/** Frames that were told are remembered by their id: several servers, or a repeated delivery, tell them again. */
export const FRAMES_TOLD_MAX = 256;

export const chirpstackDriver: Driver<ChirpstackProfile> = {
  async open(target, profile, environment, signal) {
    const [applications, application, devices, devEui = "", ...more] = sourcePath(target, EXAMPLE, 4);
    if (
      applications !== "application" ||
      devices !== "device" ||
      more.length > 0 ||
      !/^[0-9a-f]{16}$/i.test(devEui)
    ) {
      throw new DriverError(
        "unsupported",
        `${target.url.href} is no LoRaWAN device; it must read ${EXAMPLE}`,
        {
          retry: false,
        },
      );
    }
    const lease = await leaseGatewayLine(target, signal);
    const topic = `application/${application}/device/${devEui.toLowerCase()}`;
    const session = new ChirpstackSession(lease, topic, profile, environment);
    try {
      await session.listen();
    } catch (error) {
      await session.close();
      throw error;
    }
    return session;
  },
};

class ChirpstackSession implements DeviceSession {
  readonly #lease: Lease<GatewayLine>;
  readonly #topic: string;
  readonly #profile: ChirpstackProfile;
  readonly #environment: DriverEnvironment;
  readonly #told = new RecentIds(FRAMES_TOLD_MAX);
  #waiting: GatewayMessage[] = [];
  #sink: ReadingSink | undefined;
  #heard_ms = performance.now();
  #malformed = 0;
  #marshaler: Marshaler = "json";

  constructor(
    lease: Lease<GatewayLine>,
    topic: string,
    profile: ChirpstackProfile,
    environment: DriverEnvironment,
  ) {
    this.#lease = lease;
    this.#topic = topic;
    this.#profile = profile;
    this.#environment = environment;
  }

  async listen(): Promise<void> {
    await this.#lease.line.listen(this.#topics, this.#onMessage);
  }

  async subscribe(sink: ReadingSink, signal: AbortSignal): Promise<void> {
    const { silenceMax_ms } = this.#profile;
    const ended = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => ended.resolve(), { once: true });
    const watch = setInterval(() => {
      if (performance.now() - this.#heard_ms < silenceMax_ms) return;
      const silence = `no frame of the device was heard for ${Math.round(silenceMax_ms / 1000)} s`;
      ended.reject(new DriverError("timeout", silence, { retry: true, conclusive: true }));
    }, silenceMax_ms / 4);
    this.#sink = sink;
    for (const message of this.#waiting.splice(0)) this.#onMessage(message);
    try {
      await Promise.race([ended.promise, this.#lease.line.ended.then((error) => Promise.reject(error))]);
    } finally {
      clearInterval(watch);
      this.#sink = undefined;
    }
  }

  async write(metric: MetricName, value: SampleValue): Promise<void> {
    const downlink = this.#profile.downlinks?.[metric];
    const payload = downlink?.payloads.find(([each]) => each === value)?.[1];
    if (downlink === undefined || payload === undefined) {
      throw cannotBeSet(this.#profile, metric, value);
    }
    const command = {
      devEui: this.#topic.split("/").at(-1) ?? "",
      fPort: downlink.port,
      data: Buffer.from(payload, "hex"),
    };
    // The server reads commands as it writes events; before it wrote one it is as it comes, which is JSON.
    await this.#lease.line.publish(`${this.#topic}/command/down`, formatDownlink(command, this.#marshaler));
  }

  async close(): Promise<void> {
    this.#lease.line.forget(this.#topics, this.#onMessage);
    await this.#lease.release();
  }

  get #topics(): readonly string[] {
    return EVENTS.map((event) => `${this.#topic}/event/${event}`);
  }

  readonly #onMessage = (message: GatewayMessage): void => {
    // Events are never kept by a server that is set up rightly; one that was is old, and nobody knows how old.
    if (message.retained) return;
    if (this.#sink === undefined) {
      this.#waiting = [...this.#waiting, message].slice(-FRAMES_TOLD_MAX);
      return;
    }
    const reading = this.#read(message);
    if (reading !== undefined) this.#sink({ ...reading, samples: [...reading.samples, this.#count()] });
    else this.#sink({ samples: [this.#count()], events: [] });
  };

  #read({ payload, topic }: GatewayMessage): Omit<LorawanReading, "id"> | undefined {
    try {
      const now = this.#environment.now();
      const { id, problem, ...reading } = topic.endsWith("/up")
        ? readUplink(this.#profile, payload, now)
        : readStatus(payload, now);
      this.#marshaler = marshalerOf(payload);
      this.#heard_ms = performance.now();
      if (problem !== undefined) this.#malformed += 1;
      return this.#told.isNew(id) ? reading : undefined;
    } catch (error) {
      if (!(error instanceof SourceMessageError)) throw error;
      this.#malformed += 1;
      return undefined;
    }
  }

  #count(): Sample {
    return {
      metric: "Connectivity/Malformed",
      value: this.#malformed,
      quality: GOOD,
      eventTime: this.#environment.now(),
    };
  }
}
