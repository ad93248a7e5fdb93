/**
 * Bus terminals over JT/T 808, editions 2013 and 2019: `jt808://<phone number>@0.0.0.0:7611`. The terminals call; we
 * listen, all of them at one port. A terminal gets a code of its own when it registers, and proves itself with it ever
 * after; where the target has a secret, that is the code, somebody has put it into the terminal, and it is told to
 * nobody. What a terminal reports is acknowledged when it is on the disk: what was not, the terminal sends again.
 */
import { canonicalPhone, type Jt808Frame } from "@campus-ops/device-profiles/codecs/jt808-frame";
import {
  AnswerResult,
  Jt808BodyError,
  Jt808Message,
  parseDriverCard,
  parseLocationBatch,
} from "@campus-ops/device-profiles/codecs/jt808-messages";
import { Jt808Parts } from "@campus-ops/device-profiles/codecs/jt808-parts";
import type { Jt808Profile } from "@campus-ops/device-profiles/profiles/jt808-profile";
import {
  type BusState,
  type Jt808Receipt,
  readDriverCard,
  readLocation,
  readRegistration,
} from "@campus-ops/device-profiles/profiles/jt808-reading";
import type { DeviceEvent, Reading, Sample } from "@campus-ops/device-profiles/vocabulary";
import { RecentIds } from "../core/recent-ids.ts";
import type { Driver, DriverEnvironment } from "./driver.ts";
import {
  answerRegistration,
  generalAnswer,
  jt808Calls,
  type TerminalSettings,
} from "./jt808/introduction.ts";
import { callAddress } from "./listener/address.ts";
import { type CalledDevice, CalledSession, type Keep } from "./listener/called-session.ts";
import type { Caller } from "./listener/caller.ts";
import { LINGER_MS, Switchboards } from "./listener/switchboard.ts";

export const JT808_PORT = 7611;
/** Positions that were told are remembered, so that one which comes again is not told again. */
export const TOLD_MAX = 256;

export const jt808Driver: Driver<Jt808Profile> = createJt808Driver();

export function createJt808Driver(linger_ms = LINGER_MS): Driver<Jt808Profile> {
  const boards = new Switchboards(jt808Calls, linger_ms);
  return {
    calls: boards.tally,
    async open(target, profile, environment, signal) {
      const address = callAddress(target, "jt808", JT808_PORT, "<phone number>");
      const phone = canonicalPhone(address.identity);
      const settings = {
        code: target.secret ?? environment.pseudonym(`jt808 ${phone}`),
        issuesCode: target.secret === undefined,
      };
      const meeting = await boards.meet(
        address,
        phone,
        (before) => ({ ...before, ...settings }),
        () => environment.onCall?.(),
        signal,
      );
      const terminal = new Terminal(profile, environment, () => meeting.extension.settings);
      return new CalledSession(meeting, terminal, environment, profile.silenceMax_ms);
    },
  };
}

class Terminal implements CalledDevice<Jt808Frame> {
  readonly #profile: Jt808Profile;
  readonly #environment: DriverEnvironment;
  /** As it has registered last. */
  readonly #settings: () => TerminalSettings;
  readonly #parts = new Jt808Parts();
  readonly #told = new RecentIds(TOLD_MAX);
  #newest: BusState | undefined;

  constructor(profile: Jt808Profile, environment: DriverEnvironment, settings: () => TerminalSettings) {
    this.#profile = profile;
    this.#environment = environment;
    this.#settings = settings;
  }

  async take(frame: Jt808Frame, caller: Caller<Jt808Frame>, keep: Keep): Promise<void> {
    // Its introduction has been answered already.
    if (frame.message === Jt808Message.Authenticate) {
      await keep({ samples: this.facts(), events: [] });
      return;
    }
    if (frame.message === Jt808Message.Register) {
      caller.send(answerRegistration(frame, this.#settings()));
      return;
    }
    const whole = this.#parts.push(frame, this.#environment.now());
    // Each part is acknowledged by itself; of the last one the whole message's fate decides.
    if (whole === undefined) {
      caller.send(generalAnswer(frame, AnswerResult.done));
      return;
    }
    let reading: Reading | undefined;
    try {
      reading = this.#read(whole);
    } catch (error) {
      if (!(error instanceof Jt808BodyError)) throw error;
      // To send it again would not mend it.
      caller.send(generalAnswer(frame, AnswerResult.wrong));
      throw error;
    }
    if (reading === undefined) {
      caller.send(generalAnswer(frame, AnswerResult.unsupported));
      return;
    }
    const kept = await keep(reading);
    if (kept) caller.send(generalAnswer(frame, AnswerResult.done));
    else for (const { id } of reading.events) this.#told.forget(id);
  }

  /** Undefined for a message that the platform has no use for. */
  #read(frame: Jt808Frame): Reading | undefined {
    const receipt: Jt808Receipt = {
      receivedAt: this.#environment.now(),
      live: true,
      serial: frame.serial,
      pseudonym: this.#environment.pseudonym,
    };
    switch (frame.message) {
      case Jt808Message.Heartbeat:
      case Jt808Message.Logout:
        return { samples: [], events: [] };
      case Jt808Message.Location:
        return this.#readLocations([frame.body], receipt);
      case Jt808Message.LocationBatch: {
        const { backlog, locations } = parseLocationBatch(frame.body);
        return this.#readLocations(locations, { ...receipt, live: !backlog });
      }
      case Jt808Message.Driver:
        return this.#once(readDriverCard(parseDriverCard(frame.body), receipt));
      default:
        return undefined;
    }
  }

  #readLocations(bodies: readonly Uint8Array[], receipt: Jt808Receipt): Reading {
    const samples: Sample[] = [];
    const events: DeviceEvent[] = [];
    let newest = this.#newest;
    for (const body of bodies) {
      const step = readLocation(this.#profile, body, receipt, newest);
      newest = step.newest;
      samples.push(...step.reading.samples);
      events.push(...step.reading.events);
    }
    this.#newest = newest;
    return this.#once({ samples, events });
  }

  #once(reading: Reading): Reading {
    return { ...reading, events: reading.events.filter(({ id }) => this.#told.isNew(id)) };
  }

  facts(): readonly Sample[] {
    const { registration } = this.#settings();
    return registration === undefined ? [] : readRegistration(registration, this.#environment.now());
  }
}
