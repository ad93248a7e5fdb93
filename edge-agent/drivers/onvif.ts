/**
 * Cameras over ONVIF: `http://host[:port]/onvif/device_service`, with a user name and a password.
 *
 * `poll` is a cheap look at the camera's clock; what the camera notices comes through `subscribe`, at once.
 */
import {
  getCapabilities,
  getDeviceInformation,
  getProfiles,
  getSnapshotUri,
} from "@campus-ops/device-profiles/codecs/onvif-requests";
import {
  parseCapabilities,
  parseDeviceInformation,
  parseProfileTokens,
  parseSnapshotUri,
  type ServiceAddresses,
} from "@campus-ops/device-profiles/codecs/onvif-responses";
import {
  type OnvifProfile,
  samplesFromNotification,
} from "@campus-ops/device-profiles/profiles/onvif-profile";
import { GOOD, type MetricName, type Reading } from "@campus-ops/device-profiles/vocabulary";
import { type DeviceSession, type Driver, type DriverEnvironment, DriverError } from "./driver.ts";
import { followPullPoint } from "./onvif/pull-point.ts";
import { ONVIF_LIMITS, type OnvifLimits, SoapClient } from "./onvif/soap-client.ts";

export const onvifDriver: Driver<OnvifProfile> = createOnvifDriver();

export function createOnvifDriver(limits: OnvifLimits = ONVIF_LIMITS): Driver<OnvifProfile> {
  return {
    async open(target, profile, environment, signal) {
      const client = new SoapClient(target, environment, limits);
      await client.readClock(signal);
      const session = new OnvifSession(client, profile, environment);
      // The clock is told to anybody: only an answer to this proves that the login is right.
      await session.identify(signal);
      return session;
    },
  };
}

class OnvifSession implements DeviceSession {
  readonly #client: SoapClient;
  readonly #profile: OnvifProfile;
  readonly #environment: DriverEnvironment;

  constructor(client: SoapClient, profile: OnvifProfile, environment: DriverEnvironment) {
    this.#client = client;
    this.#profile = profile;
    this.#environment = environment;
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
    return this.#reading([["Connectivity/ClockOffset", offset_ms / 1000]]);
  }

  #reading(values: readonly (readonly [MetricName, string | number | undefined])[]): Reading {
    const eventTime = this.#environment.now();
    const samples = values.flatMap(([metric, value]) =>
      value === undefined ? [] : [{ metric, value, quality: GOOD, eventTime }],
    );
    return { samples, events: [] };
  }

  async subscribe(sink: (reading: Reading) => void, signal: AbortSignal): Promise<void> {
    const { events } = await this.#services(signal);
    if (events === undefined) throw this.#unsupported("has no event service");
    await followPullPoint(
      this.#client,
      this.#client.service(events),
      (notifications) => {
        const receipt = {
          receivedAt: this.#environment.now(),
          clockOffset_ms: this.#client.eventOffset_ms,
        };
        const samples = notifications.flatMap((each) =>
          samplesFromNotification(this.#profile, each, receipt),
        );
        if (samples.length > 0) sink({ samples, events: [] });
      },
      signal,
    );
  }

  async snapshot(signal: AbortSignal): Promise<Uint8Array> {
    const { media } = await this.#services(signal);
    if (media === undefined) throw this.#unsupported("has no media service");
    const service = this.#client.service(media);
    const [token] = parseProfileTokens(await this.#client.call(service, getProfiles, signal));
    if (token === undefined) throw this.#unsupported("has no media profile");
    const uri = parseSnapshotUri(await this.#client.call(service, getSnapshotUri(token), signal));
    if (uri === undefined) throw this.#unsupported("has no snapshot");
    const picture = await this.#client.fetch(this.#client.onThisHost(uri), signal);
    // Start Of Image (ITU-T T.81, clause B.1.1.3): an error page is no picture.
    if (picture[0] !== 0xff || picture[1] !== 0xd8) throw this.#unusable("a snapshot that is no JPEG");
    return picture;
  }

  /** Asked each time: a camera may have moved its services when it was restarted. */
  async #services(signal: AbortSignal): Promise<ServiceAddresses> {
    return parseCapabilities(await this.#client.callDevice(getCapabilities, signal));
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
