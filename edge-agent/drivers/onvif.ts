/**
 * Cameras, recorders and door controllers over ONVIF: `http://host[:port]/onvif/device_service[?door=token]`, with a
 * user name and a password.
 *
 * `poll` is a look at the clock and, where the profile says so, at presets, recordings or the door; what the device
 * notices comes through `subscribe`, at once.
 */
import { isDamaged } from "@campus-ops/device-profiles/codecs/china-text";
import { getDeviceInformation, getSnapshotUri } from "@campus-ops/device-profiles/codecs/onvif-requests";
import {
  type Notification,
  parseDeviceInformation,
  parseSnapshotUri,
} from "@campus-ops/device-profiles/codecs/onvif-responses";
import { eventFromNotification } from "@campus-ops/device-profiles/profiles/onvif-access";
import {
  type Channels,
  type OnvifProfile,
  samplesFromNotification,
} from "@campus-ops/device-profiles/profiles/onvif-profile";
import {
  GOOD,
  type MetricName,
  type Quality,
  type Reading,
  type Sample,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import { type DeviceSession, type Driver, type DriverEnvironment, DriverError } from "./driver.ts";
import { Door } from "./onvif/door.ts";
import { Presets } from "./onvif/presets.ts";
import { followPullPoint } from "./onvif/pull-point.ts";
import { Recordings } from "./onvif/recordings.ts";
import { OnvifServices } from "./onvif/services.ts";
import { ONVIF_LIMITS, type OnvifLimits, SoapClient } from "./onvif/soap-client.ts";

export const onvifDriver: Driver<OnvifProfile> = createOnvifDriver();

export function createOnvifDriver(limits: OnvifLimits = ONVIF_LIMITS): Driver<OnvifProfile> {
  return {
    async open(target, profile, environment, signal) {
      const client = new SoapClient(target, environment, limits);
      await client.readClock(signal);
      const session = new OnvifSession(
        client,
        profile,
        environment,
        target.url.searchParams.get("door") ?? undefined,
      );
      // The clock is told to anybody: only an answer to this proves that the login is right.
      await session.identify(signal);
      return session;
    },
  };
}

const ENCODING: Quality = { status: "bad", reason: "encoding" };

class OnvifSession implements DeviceSession {
  readonly #client: SoapClient;
  readonly #profile: OnvifProfile;
  readonly #environment: DriverEnvironment;

  readonly #services: OnvifServices;
  readonly #presets: Presets | undefined;
  readonly #recordings: Recordings | undefined;
  readonly #door: Door | undefined;
  readonly write?: (metric: MetricName, value: SampleValue, signal: AbortSignal) => Promise<void>;

  constructor(
    client: SoapClient,
    profile: OnvifProfile,
    environment: DriverEnvironment,
    door: string | undefined,
  ) {
    this.#client = client;
    this.#profile = profile;
    this.#environment = environment;
    this.#services = new OnvifServices(client);
    if (profile.ptz === true) this.#presets = new Presets(this.#services);
    if (profile.recording !== undefined) {
      const clock = { now: environment.now, offset_ms: () => client.clockOffset_ms };
      this.#recordings = new Recordings(this.#services, profile.recording, clock);
    }
    if (profile.door === true) this.#door = new Door(this.#services, profile, door);
    if (profile.ptz === true || profile.door === true) {
      this.write = (metric, value, signal) => this.#write(metric, value, signal);
    }
  }

  async identify(signal: AbortSignal): Promise<Reading> {
    const information = parseDeviceInformation(await this.#client.callDevice(getDeviceInformation, signal));
    if (information === undefined) throw this.#unusable("no device information");
    const { manufacturer, model, serialNumber, firmwareVersion } = information;
    return this.#reading([
      ["Properties/Vendor", manufacturer],
      ["Properties/Model", model],
      ["Properties/Serial", serialNumber],
      ["Properties/Firmware", firmwareVersion],
    ]);
  }

  async poll(signal: AbortSignal): Promise<Reading> {
    const offset_ms = await this.#client.readClock(signal);
    const { samples } = this.#reading([["Connectivity/ClockOffset", offset_ms / 1000]]);
    const more: readonly Sample[] = [
      ...((await this.#presets?.read(this.#environment.now, signal)) ?? []),
      ...((await this.#recordings?.read(signal)) ?? []),
      ...((await this.#door?.read(this.#environment.now, signal)) ?? []),
    ];
    return { samples: [...samples, ...more], events: [] };
  }

  async #write(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void> {
    if (metric === "PTZ/Preset" && this.#presets !== undefined && typeof value === "string") {
      await this.#presets.goTo(value, signal);
    } else if (this.#door !== undefined) await this.#door.write(metric, value, signal);
    else throw this.#unsupported(`does not let ${metric} be set to ${String(value)}`);
  }

  #reading(values: readonly (readonly [MetricName, string | number | undefined])[]): Reading {
    const eventTime = this.#environment.now();
    const samples = values.flatMap(([metric, value]) =>
      value === undefined
        ? []
        : [{ metric, value, quality: isDamaged(String(value)) ? ENCODING : GOOD, eventTime }],
    );
    return { samples, events: [] };
  }

  async subscribe(sink: (reading: Reading) => void, signal: AbortSignal): Promise<void> {
    const events = await this.#services.find("events", signal);
    const hasChannels = this.#profile.topics.some(({ metric }) => metric.includes("*"));
    const channels: Channels = hasChannels ? await this.#services.channels(signal) : new Map();
    await followPullPoint(
      this.#client,
      events,
      (notifications) => {
        const reading = this.#read(notifications, channels);
        if (reading.samples.length + reading.events.length > 0) sink(reading);
      },
      signal,
    );
  }

  #read(notifications: readonly Notification[], channels: Channels): Reading {
    const receipt = { receivedAt: this.#environment.now(), clockOffset_ms: this.#client.eventOffset_ms };
    const { pseudonym } = this.#environment;
    return {
      samples: notifications.flatMap((each) =>
        samplesFromNotification(this.#profile, each, receipt, channels),
      ),
      events: notifications.flatMap((each) =>
        this.#door === undefined ? [] : (eventFromNotification(each, receipt, pseudonym) ?? []),
      ),
    };
  }

  async snapshot(signal: AbortSignal): Promise<Uint8Array> {
    const [profile] = await this.#services.mediaProfiles(signal);
    if (profile === undefined) throw this.#unsupported("has no media profile");
    const uri = parseSnapshotUri(await this.#services.ask("media", getSnapshotUri(profile.token), signal));
    if (uri === undefined) throw this.#unsupported("has no snapshot");
    const picture = await this.#client.fetch(this.#client.onThisHost(uri), signal);
    // Start Of Image (ITU-T T.81, clause B.1.1.3): an error page is no picture.
    if (picture[0] !== 0xff || picture[1] !== 0xd8) throw this.#unusable("a snapshot that is no JPEG");
    return picture;
  }

  #unsupported(what: string): DriverError {
    return new DriverError("unsupported", `the camera ${what}`, { retry: false });
  }

  #unusable(what: string): DriverError {
    return new DriverError("garbage", `the camera sent ${what}`, { retry: true });
  }

  /** Every exchange has its own connection, and pull points expire by themselves: there is nothing to close. */
  async close(): Promise<void> {}
}
