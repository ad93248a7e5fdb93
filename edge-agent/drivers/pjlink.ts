import { PjlinkFrameError, type PjlinkResult } from "@campus-ops/device-profiles/codecs/pjlink";
import type { PjlinkProfile } from "@campus-ops/device-profiles/profiles/pjlink-profile";
import {
  IDENTITY_QUERIES,
  POLL_QUERIES,
  readProjector,
} from "@campus-ops/device-profiles/profiles/pjlink-reading";
import type { MetricName, Reading, SampleValue, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import {
  type DeviceSession,
  type DeviceTarget,
  type Driver,
  type DriverEnvironment,
  DriverError,
} from "./driver.ts";
import { PjlinkConnection } from "./pjlink/connection.ts";

const PORT = 4352;
/** A power command that could not be given for so long is out of date. */
const POWER_WAIT_MAX_ms = 300_000;

type Power = "on" | "off";

/**
 * Speaks PJLink with `pjlink://host[:4352]`; the password is the target's secret. Each question opens a connection of
 * its own, see {@link PjlinkConnection}.
 */
export const pjlinkDriver: Driver<PjlinkProfile> = {
  async open(target, profile, environment, signal) {
    const session = new PjlinkSession(target, profile, environment);
    await session.greet(signal);
    return session;
  },
};

class PjlinkSession implements DeviceSession {
  readonly #target: DeviceTarget;
  readonly #profile: PjlinkProfile;
  readonly #environment: DriverEnvironment;
  /** A projector that warms up or cools down takes no command: the last one waits here. */
  #waiting: { readonly power: Power; readonly since: Timestamp } | undefined;

  constructor(target: DeviceTarget, profile: PjlinkProfile, environment: DriverEnvironment) {
    this.#target = target;
    this.#profile = profile;
    this.#environment = environment;
  }

  /** Proves address and password. */
  async greet(signal: AbortSignal): Promise<void> {
    await this.#visit(signal, (connection) => this.#ask(connection, "POWR"));
  }

  identify(signal: AbortSignal): Promise<Reading> {
    const commands = Object.keys({
      ...IDENTITY_QUERIES[1],
      ...(this.#profile.pjlinkClass === 2 ? IDENTITY_QUERIES[2] : {}),
    });
    return this.#visit(signal, (connection) => this.#look(connection, commands));
  }

  poll(signal: AbortSignal): Promise<Reading> {
    return this.#visit(signal, async (connection) => {
      const reading = await this.#look(connection, POLL_QUERIES);
      await this.#giveWaitingCommand(connection, reading);
      return reading;
    });
  }

  async write(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void> {
    if (metric !== "Projector/Power" || (value !== "on" && value !== "off")) {
      throw new DriverError(
        "unsupported",
        `${this.#profile.id}: ${metric} cannot be set to ${String(value)}`,
        {
          retry: false,
        },
      );
    }
    this.#waiting = undefined;
    await this.#visit(signal, (connection) => this.#command(connection, value));
  }

  async close(): Promise<void> {
    this.#waiting = undefined;
  }

  async #command(connection: PjlinkConnection, power: Power): Promise<void> {
    const answer = await connection.ask({
      pjlinkClass: 1,
      command: "POWR",
      parameter: power === "on" ? "1" : "0",
    });
    if (answer.kind === "value") this.#waiting = undefined;
    else if (answer.code === 3) this.#waiting ??= { power, since: this.#environment.now() };
    else {
      const what = answer.code === 4 ? "reports a failure" : `answers ERR${answer.code}`;
      throw new DriverError("device-exception", `PJLink projector: ${what} to the command power ${power}`, {
        retry: answer.code === 4,
      });
    }
  }

  async #giveWaitingCommand(connection: PjlinkConnection, reading: Reading): Promise<void> {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const power = reading.samples.find(({ metric }) => metric === "Projector/Power")?.value;
    const outdated = this.#environment.now() - waiting.since > POWER_WAIT_MAX_ms;
    if (outdated || power === waiting.power) this.#waiting = undefined;
    else if (power === "on" || power === "off") await this.#command(connection, waiting.power);
  }

  async #look(connection: PjlinkConnection, commands: readonly string[]): Promise<Reading> {
    const answers: Record<string, PjlinkResult> = {};
    for (const command of commands) answers[command] = await this.#ask(connection, command);
    try {
      return { samples: readProjector(this.#profile, answers, this.#environment.now()), events: [] };
    } catch (cause) {
      if (!(cause instanceof PjlinkFrameError)) throw cause;
      throw new DriverError("garbage", `PJLink projector: ${cause.message}`, { retry: true, cause });
    }
  }

  #ask(connection: PjlinkConnection, command: string): Promise<PjlinkResult> {
    const { pjlinkClass } = this.#profile;
    const classOfCommand = command === "INPT" || command in IDENTITY_QUERIES[2] ? pjlinkClass : 1;
    return connection.ask({ pjlinkClass: classOfCommand, command, parameter: "?" });
  }

  async #visit<T>(signal: AbortSignal, visit: (connection: PjlinkConnection) => Promise<T>): Promise<T> {
    const { url, secret } = this.#target;
    if (url.protocol !== "pjlink:" || url.hostname === "") {
      throw new DriverError(
        "unsupported",
        `${url.href} is no PJLink address; it must read pjlink://host:port`,
        {
          retry: false,
        },
      );
    }
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const port = url.port === "" ? PORT : Number(url.port);
    const connection = await PjlinkConnection.open(host, port, secret, signal);
    try {
      return await visit(connection);
    } finally {
      connection.close();
    }
  }
}
