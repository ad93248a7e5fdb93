/**
 * Card readers on RS-485 with OSDP version 2: `osdp:///dev/ttyUSB0?baud=9600&address=0`, or `osdp://host:port?address=0`
 * behind a serial server. The target's secret is the reader's key: with one, nothing goes on in the clear.
 *
 * Parameters: `direction` (`in` or `out`): which way a card here leads; `install=true`: a reader that has no key yet is
 * given this one.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { keyOf } from "@campus-ops/device-profiles/ciphers/osdp";
import { ADDRESS_MAX, Command } from "@campus-ops/device-profiles/codecs/osdp-frame";
import { encodeBuzzer, encodeLed, LED_COLOURS } from "@campus-ops/device-profiles/codecs/osdp-messages";
import {
  type OsdpProfile,
  type ReaderNews,
  readReply,
  TypedCode,
} from "@campus-ops/device-profiles/profiles/osdp-profile";
import {
  type DeviceEvent,
  GOOD,
  type MetricName,
  type Quality,
  type Reading,
  type Sample,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import {
  cannotBeSet,
  type DeviceSession,
  type DeviceTarget,
  type Driver,
  type DriverEnvironment,
  DriverError,
  type ReadingSink,
} from "./driver.ts";
import type { Lease } from "./line.ts";
import { ReaderLink, type ReaderReply, understood } from "./osdp/reader-link.ts";
import { parseLineAddress } from "./serial/address.ts";
import type { Bus } from "./serial/bus.ts";
import { leaseBus } from "./serial/buses.ts";

/** IEC 60839-11-5, clause 5.8: a reader is polled about every 50 ms, and is offline when it is silent for 8 s. */
const POLL_ms = 50;
const OFFLINE_ms = 8_000;
const EMPTY = new Uint8Array(0);
const BEEPS = 3;

/** IEC 60839-11-5, clause 5.7: a reader answers within 200 ms. */
const REPLY_ms = 200;

export const createOsdpDriver = (reply_ms: number): Driver<OsdpProfile> => ({
  async open(target, profile, environment, signal) {
    const settings = settingsOf(target);
    const address = parseLineAddress(target.url, {
      settings: { baud: 9_600, dataBits: 8, parity: "none", stopBits: 1 },
    });
    const lease = await leaseBus(address, signal);
    const link = new ReaderLink(lease.line, settings.address, reply_ms);
    const session = new OsdpSession(lease, link, settings, profile, environment);
    try {
      await session.connect(signal);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  },
});

export const osdpDriver = createOsdpDriver(REPLY_ms);

const NOT_READ: Quality = { status: "uncertain", reason: "not-read" };

interface Settings {
  readonly address: number;
  readonly direction: "in" | "out" | null;
  readonly key: Uint8Array | undefined;
  readonly install: boolean;
}

class OsdpSession implements DeviceSession {
  readonly #lease: Lease<Bus>;
  readonly #link: ReaderLink;
  readonly #settings: Settings;
  readonly #profile: OsdpProfile;
  readonly #environment: DriverEnvironment;
  readonly #typed = new TypedCode();
  /** Names this session in its events: the reader numbers none of them. */
  readonly #name: string;
  #events = 0;
  #misread = 0;

  constructor(
    lease: Lease<Bus>,
    link: ReaderLink,
    settings: Settings,
    profile: OsdpProfile,
    environment: DriverEnvironment,
  ) {
    this.#lease = lease;
    this.#link = link;
    this.#settings = settings;
    this.#profile = profile;
    this.#environment = environment;
    this.#name = `${environment.now().toString(36)}-${randomBytes(4).toString("hex")}`;
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.#link.connect(this.#settings.key, this.#settings.install, signal);
  }

  async identify(signal: AbortSignal): Promise<Reading> {
    const identity = await this.#link.ask(Command.Id, Uint8Array.of(0), signal);
    return { samples: this.#samplesOf(this.#read(identity)), events: [] };
  }

  async poll(signal: AbortSignal): Promise<Reading> {
    const status = await this.#link.ask(Command.LocalStatus, EMPTY, signal);
    return { samples: [...this.#samplesOf(this.#read(status)), ...this.#ownSamples()], events: [] };
  }

  /** Polls the reader for what happens at it. A card is told once: the next question tells the reader that we have it. */
  async subscribe(sink: ReadingSink, signal: AbortSignal): Promise<void> {
    let heard = performance.now();
    while (!signal.aborted) {
      try {
        const reply = await this.#link.ask(Command.Poll, EMPTY, signal);
        heard = performance.now();
        const reading = this.#tell(this.#read(reply));
        if (reading !== undefined) {
          sink(reading);
          // There may be more: whoever has much to tell is not kept waiting.
          continue;
        }
      } catch (error) {
        if (signal.aborted) return;
        const passing = error instanceof DriverError && error.kind === "timeout";
        if (!passing || performance.now() - heard > OFFLINE_ms) throw error;
      }
      await wait(POLL_ms, undefined, { signal }).catch(() => undefined);
    }
  }

  async write(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void> {
    if (metric === "Reader/Beep" && value === true) {
      await this.#link.ask(Command.Buzzer, encodeBuzzer(BEEPS), signal);
      return;
    }
    const colour = LED_COLOURS.find((each) => each === value);
    if (metric !== "Reader/Led" || colour === undefined) {
      throw cannotBeSet(this.#profile, metric, value);
    }
    await this.#link.ask(Command.Led, encodeLed(colour), signal);
  }

  async close(): Promise<void> {
    await this.#lease.release();
  }

  #read({ code, data }: ReaderReply): ReaderNews {
    return understood(() => readReply(code, data, this.#environment.now()));
  }

  #samplesOf(news: ReaderNews): readonly Sample[] {
    return news.kind === "samples" ? news.samples : [];
  }

  #tell(news: ReaderNews): Reading | undefined {
    switch (news.kind) {
      case "samples":
        return { samples: news.samples, events: [] };
      case "card":
        return { samples: [], events: [this.#swipe(news.card, "card")] };
      case "keys": {
        const code = this.#profile.keypad ? this.#typed.type(news.keys, this.#environment.now()) : undefined;
        return code === undefined ? undefined : { samples: [], events: [this.#swipe(code, "code")] };
      }
      case "misread":
        this.#misread += 1;
        return { samples: this.#ownSamples(), events: [] };
      case "nothing":
        return undefined;
    }
  }

  /** The reader only reads: whether the door opens is decided elsewhere, and nothing is said of it here. */
  #swipe(presented: string, method: "card" | "code"): DeviceEvent {
    this.#events += 1;
    return {
      event: "Access/Swipe",
      id: `${this.#name}-${this.#events}`,
      eventTime: this.#environment.now(),
      quality: GOOD,
      fields: {
        serial: null,
        credential: this.#environment.pseudonym(presented),
        result: null,
        reason: null,
        direction: this.#settings.direction,
        method,
      },
    };
  }

  /** OSDP cannot be asked what a light shows or whether it beeps: that is requested and never confirmed. */
  #ownSamples(): readonly Sample[] {
    const eventTime = this.#environment.now();
    return [
      { metric: "Reader/Secure", value: this.#link.isSecure, quality: GOOD, eventTime },
      { metric: "Reader/Misreads", value: this.#misread, quality: GOOD, eventTime },
      { metric: "Reader/Led", value: null, quality: NOT_READ, eventTime },
      { metric: "Reader/Beep", value: null, quality: NOT_READ, eventTime },
    ];
  }
}

function settingsOf({ secret, url }: DeviceTarget): Settings {
  const address = url.searchParams.get("address") ?? "0";
  if (!/^[0-9]{1,3}$/.test(address) || Number(address) > ADDRESS_MAX) {
    throw wrong(url, `address is the reader's number on the line, 0 to ${ADDRESS_MAX}`);
  }
  const direction = url.searchParams.get("direction");
  if (direction !== null && direction !== "in" && direction !== "out")
    throw wrong(url, "direction is in or out");
  const install = url.searchParams.get("install") === "true";
  if (install && secret === undefined) throw wrong(url, "install=true needs a key in secretFile");
  return {
    address: Number(address),
    direction,
    key: secret === undefined ? undefined : keyOf(secret),
    install,
  };
}

const wrong = (url: URL, what: string): DriverError =>
  new DriverError("unsupported", `${url.href}: ${what}`, { retry: false });
