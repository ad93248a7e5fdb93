/** Where one camera's services are, and which of its video sources is which channel. */
import { getCapabilities, getProfiles } from "@campus-ops/device-profiles/codecs/onvif-requests";
import { parseCapabilities } from "@campus-ops/device-profiles/codecs/onvif-responses";
import {
  getServices,
  type MediaProfile,
  parseMediaProfiles,
  parseServices,
  type ServiceName,
} from "@campus-ops/device-profiles/codecs/onvif-services";
import type { XmlElement } from "@campus-ops/device-profiles/codecs/xml";
import type { Channels } from "@campus-ops/device-profiles/profiles/onvif-profile";
import { DriverError } from "../driver.ts";
import type { SoapClient, SoapEndpoint } from "./soap-client.ts";

/** Asked anew in each session, and by who subscribes: a camera may have moved its services when it was restarted. */
export class OnvifServices {
  readonly #client: SoapClient;

  constructor(client: SoapClient) {
    this.#client = client;
  }

  /** Rejects as `unsupported` when the camera has no such service. */
  async find(name: ServiceName, signal: AbortSignal): Promise<SoapEndpoint> {
    const address = (await this.#addresses(signal)).get(name);
    if (address !== undefined) return this.#client.service(address);
    throw new DriverError("unsupported", `the camera has no ${name} service`, { retry: false });
  }

  async ask(
    name: ServiceName,
    request: Parameters<SoapClient["call"]>[1],
    signal: AbortSignal,
  ): Promise<XmlElement> {
    return await this.#client.call(await this.find(name, signal), request, signal);
  }

  async mediaProfiles(signal: AbortSignal): Promise<readonly MediaProfile[]> {
    return parseMediaProfiles(await this.ask("media", getProfiles, signal));
  }

  /** The sources in the order in which the media profiles name them first. */
  async channels(signal: AbortSignal): Promise<Channels> {
    const profiles = await this.mediaProfiles(signal);
    const sources = [...new Set(profiles.map(({ sourceToken, token }) => sourceToken ?? token))];
    return new Map(
      profiles.flatMap(({ configurationToken, sourceToken, token }) => {
        const channel = sources.indexOf(sourceToken ?? token) + 1;
        const names = [token, sourceToken, configurationToken];
        return names.flatMap((name) => (name === undefined ? [] : [[name, channel] as const]));
      }),
    );
  }

  /** Older cameras tell only the services of the first specification, and by another question. */
  async #addresses(signal: AbortSignal): Promise<ReadonlyMap<ServiceName, string>> {
    try {
      const addresses = parseServices(await this.#client.callDevice(getServices, signal));
      if (addresses.size > 0) return addresses;
    } catch (error) {
      const isAnswer =
        error instanceof DriverError && !["unreachable", "timeout", "login-refused"].includes(error.kind);
      if (!isAnswer) throw error;
    }
    const { events, media } = parseCapabilities(await this.#client.callDevice(getCapabilities, signal));
    const known: readonly (readonly [ServiceName, string | undefined])[] = [
      ["events", events],
      ["media", media],
    ];
    return new Map(
      known.flatMap(([name, address]) => (address === undefined ? [] : [[name, address] as const])),
    );
  }
}
