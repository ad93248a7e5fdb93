import { lookup } from "node:dns/promises";
import { PjlinkFrameError, type PjlinkResult } from "@campus-ops/device-profiles/codecs/pjlink";
import type { PjlinkProfile } from "@campus-ops/device-profiles/profiles/pjlink-profile";
import {
  IDENTITY_QUERIES,
  pollQueries,
  readProjector,
} from "@campus-ops/device-profiles/profiles/pjlink-reading";
import {
  GOOD,
  type MetricName,
  type Reading,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import {
  cannotBeSet,
  type DeviceSession,
  type DeviceTarget,
  type Driver,
  type DriverEnvironment,
  DriverError,
} from "./driver.ts";
import { Doorbell } from "./notices/doorbell.ts";
import { sourceAddress } from "./notices/source-address.ts";
import { PjlinkConnection } from "./pjlink/connection.ts";
import { NOTICE_PORTS, NoticePort } from "./pjlink/notices.ts";

const PORT = 4352;
/** A power command that could not be given for so long is out of date. */
const POWER_WAIT_MAX_ms = 300_000;

/** However many notices come: the projector is looked at once in so long on their account. */
const LOOK_INTERVAL_MS_MIN = 1_000;
const PORT_MAX = 65_535;

type Power = "on" | "off";

/**
 * Speaks PJLink with `pjlink://host[:4352]`; the password is the target's secret. Each question opens a connection of
 * its own, see {@link PjlinkConnection}. Parameter `notices`: the port, or `address:port`, at which this box listens for
 * the notices of a class 2 projector, usually 4352.
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
  readonly #notices: NoticeEndpoint | undefined;
  #listening = false;
  #received = 0;
  #refused = 0;
  /** A projector that warms up or cools down takes no command: the last one waits here. */
  #waiting: { readonly power: Power; readonly since: Timestamp } | undefined;

  constructor(target: DeviceTarget, profile: PjlinkProfile, environment: DriverEnvironment) {
    this.#target = target;
    this.#profile = profile;
    this.#environment = environment;
    this.#notices = noticeEndpointOf(target.url);
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
      const reading = await this.#look(connection, pollQueries(this.#profile));
      await this.#giveWaitingCommand(connection, reading);
      return { ...reading, samples: [...reading.samples, ...this.#noticeSamples()] };
    });
  }

  /** Looks at the projector at once whenever it says that something changed. */
  async subscribe(sink: (reading: Reading) => void, signal: AbortSignal): Promise<void> {
    const endpoint = this.#notices;
    if (endpoint === undefined) {
      throw new DriverError("unsupported", "no port for notices is configured", { retry: false });
    }
    const address = await sourceAddress(hostOf(this.#target.url), (name) => lookup(name, { family: 4 }));
    const lease = await NOTICE_PORTS.lease(`${endpoint.host}:${endpoint.port}`, () =>
      NoticePort.open(endpoint.host, endpoint.port),
    );
    const bell = new Doorbell(LOOK_INTERVAL_MS_MIN);
    const unregister = lease.line.register(address, {
      onNotice: () => {
        this.#received += 1;
        bell.ring();
      },
      onRefused: () => {
        this.#refused += 1;
      },
    });
    this.#listening = true;
    try {
      while (await bell.rung(signal)) {
        // A projector that does not answer now is noticed by its next poll.
        const reading = await this.poll(signal).catch(() => undefined);
        if (reading !== undefined) sink(reading);
      }
    } finally {
      this.#listening = false;
      unregister();
      await lease.release();
    }
  }

  async write(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void> {
    if (metric !== "Projector/Power" || (value !== "on" && value !== "off")) {
      throw cannotBeSet(this.#profile, metric, value);
    }
    this.#waiting = undefined;
    await this.#visit(signal, (connection) => this.#command(connection, value));
  }

  async close(): Promise<void> {
    this.#waiting = undefined;
  }

  #noticeSamples(): readonly Sample[] {
    if (this.#notices === undefined) return [];
    const eventTime = this.#environment.now();
    return [
      { metric: "Notices/Listening", value: this.#listening, quality: GOOD, eventTime },
      { metric: "Notices/Received", value: this.#received, quality: GOOD, eventTime },
      { metric: "Notices/Refused", value: this.#refused, quality: GOOD, eventTime },
    ];
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
    const port = url.port === "" ? PORT : Number(url.port);
    const connection = await PjlinkConnection.open(hostOf(url), port, secret, signal);
    try {
      return await visit(connection);
    } finally {
      connection.close();
    }
  }
}

interface NoticeEndpoint {
  readonly host: string;
  readonly port: number;
}

function noticeEndpointOf({ href, searchParams }: URL): NoticeEndpoint | undefined {
  const text = searchParams.get("notices");
  if (text === null) return undefined;
  const [, host = "0.0.0.0", port] = /^(?:([0-9.]+):)?([1-9][0-9]{0,4})$/.exec(text) ?? [];
  if (port !== undefined && Number(port) <= PORT_MAX) return { host, port: Number(port) };
  throw new DriverError("unsupported", `${href}: notices is a port or address:port`, { retry: false });
}

/** An IPv6 address stands in brackets in a URL and without them on a socket. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");
