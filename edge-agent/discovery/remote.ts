/**
 * What a hub may ask of a box whose configuration has a section `discovery`: to look for devices in the ranges named
 * there, and to take one of them into the configuration, unconfirmed. Nothing outside of those ranges is ever asked or
 * taken in, and a login is named, never sent: a hub in the wrong hands learns no password and reaches no other network.
 */
import type { Profile } from "@campus-ops/device-profiles/profiles";
import {
  type DeviceEvent,
  DURATION_PATTERN,
  GOOD,
  ID_PATTERN,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import { checkDocument, InvalidDocumentError, type Log } from "@campus-ops/service/process";
import { isMap, type YAMLMap, type YAMLSeq } from "yaml";
import type { DiscoveryConfiguration } from "../configuration.ts";
import { editDevices } from "../configuration-edit.ts";
import { InvalidRangeError, parseAddresses } from "../core/address-range.ts";
import { matchProfiles } from "../core/profile-match.ts";
import type { CommandOutcome } from "../supervisor/carry-out.ts";
import { discover } from "./discover.ts";
import { DISCOVERY_PROTOCOLS, type DiscoveryProtocol, type Finding } from "./finding.ts";

/** Of one search: more devices than one box can watch are a mistake. */
export const FINDINGS_MAX = 1_000;
/** A search tells how far it is so many times, whatever its size. */
const PROGRESS_TOLD = 20;
const ANSWER_MS = 2_000;
/** What a device says of itself is cut: it goes into a message, and onto a page. */
const FACT_CHARACTERS_MAX = 200;

const text = { type: "string", minLength: 1, maxLength: 200 } as const;
const id = { type: "string", pattern: ID_PATTERN } as const;
const SEARCH_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    ranges: text,
    protocols: { type: "array", minItems: 1, uniqueItems: true, items: { enum: DISCOVERY_PROTOCOLS } },
  },
} as const;
const STANZA_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["id", "profile", "title", "at", "url"],
  properties: {
    id,
    profile: text,
    title: {
      type: "object",
      additionalProperties: false,
      required: ["zh", "en"],
      properties: { zh: text, en: text },
    },
    at: text,
    url: text,
    login: id,
    poll: { type: "string", pattern: DURATION_PATTERN },
  },
} as const;

/** As it travels in `Discovery/Adopt`. */
export interface AdoptedStanza {
  readonly id: string;
  readonly profile: string;
  readonly title: { readonly zh: string; readonly en: string };
  readonly at: string;
  readonly url: string;
  /** Name of a login that the box has. */
  readonly login?: string;
  /** How often it is looked at, for example `30s`; as its profile says unless said. */
  readonly poll?: string;
}

export interface RemoteDiscoveryParts {
  readonly file: string;
  readonly configuration: DiscoveryConfiguration;
  readonly profiles: () => readonly Profile[];
  /** Throws where a configuration is not right. */
  readonly check: (file: string) => unknown;
  /** Has the file read anew. */
  readonly reload: () => Promise<void>;
  /** Devices as they are configured now. */
  readonly devices: () => readonly { readonly id: string; readonly url: string; readonly settled: boolean }[];
  readonly tell: (event: DeviceEvent) => Promise<void>;
  readonly now: () => number;
  readonly log: Log;
}

const confirmed: CommandOutcome = { state: "confirmed", detail: "" };
const refused = (detail: string): CommandOutcome => ({ state: "refused", detail });

export class RemoteDiscovery {
  readonly #parts: RemoteDiscoveryParts;
  #search: { readonly ending: AbortController; readonly over: Promise<void> } | undefined;

  constructor(parts: RemoteDiscoveryParts) {
    this.#parts = parts;
  }

  /** Carries out a write to a metric of the node. Never rejects. */
  async write(metric: string, value: SampleValue, command: string): Promise<CommandOutcome> {
    if (typeof value !== "string") return refused("must be a text");
    try {
      if (metric === "Discovery/Search") return await this.#begin(value, command);
      if (metric === "Discovery/Adopt") return await this.#adopt(value);
      if (metric === "Discovery/Withdraw") return await this.#withdraw(value);
      return refused("the edge node itself takes no such writes");
    } catch (error) {
      if (error instanceof InvalidDocumentError || error instanceof InvalidRangeError)
        return refused(error.message);
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "EROFS" || code === "EACCES" || code === "EPERM")
        return refused(`the box may not write its configuration (${code}); add the device there by hand`);
      return refused(message);
    }
  }

  async stop(): Promise<void> {
    this.#search?.ending.abort();
    await this.#search?.over;
  }

  async #begin(wanted: string, command: string): Promise<CommandOutcome> {
    if (wanted === "") {
      await this.stop();
      return confirmed;
    }
    if (this.#search !== undefined) return refused("a search runs already; end it first");
    const { configuration, log } = this.#parts;
    const asked = checkDocument<{ ranges?: string; protocols?: readonly DiscoveryProtocol[] }>(
      "search",
      wanted,
      SEARCH_SCHEMA,
    ).value;
    const allowed = new Set(configuration.addresses);
    const addresses = asked.ranges === undefined ? configuration.addresses : parseAddresses(asked.ranges);
    const outside = addresses.find((address) => !allowed.has(address));
    if (outside !== undefined)
      return refused(`${outside} is not in ${configuration.ranges}, which is all that this box may search`);
    const protocols = (asked.protocols ?? configuration.protocols).filter((each) =>
      configuration.protocols.includes(each),
    );
    if (protocols.length === 0) return refused("none of these protocols may be searched here");
    log.info({ command, addresses: addresses.length, protocols }, "the hub has this box search for devices");
    const ending = new AbortController();
    const over = this.#run(command, addresses, protocols, ending.signal).finally(() => {
      this.#search = undefined;
    });
    this.#search = { ending, over };
    return confirmed;
  }

  async #run(
    search: string,
    addresses: readonly string[],
    protocols: readonly DiscoveryProtocol[],
    signal: AbortSignal,
  ): Promise<void> {
    const { communities, ports, rate_per_s } = this.#parts.configuration;
    let [asked, of, found, told] = [0, addresses.length * protocols.length, 0, 0];
    const progress = (state: "running" | "done" | "cancelled" | "failed", detail = ""): void =>
      this.#tell("Discovery/Progress", `${search}-${state}-${asked}`, {
        search,
        state,
        asked,
        of,
        found,
        detail,
      });
    progress("running");
    try {
      await discover(
        {
          addresses,
          protocols,
          rate_per_s,
          timeout_ms: ANSWER_MS,
          communities,
          units: [1],
          ports,
          onFinding: (finding) => {
            found += 1;
            if (found <= FINDINGS_MAX) this.#found(search, finding);
          },
          onProgress: (done, all) => {
            [asked, of] = [done, all];
            if (Math.floor((done * PROGRESS_TOLD) / all) === told || done === all) return;
            told = Math.floor((done * PROGRESS_TOLD) / all);
            progress("running");
          },
        },
        signal,
      );
      progress(signal.aborted ? "cancelled" : "done");
    } catch (error) {
      progress("failed", error instanceof Error ? error.message : String(error));
    }
  }

  #found(search: string, { address, facts, protocol, url }: Finding): void {
    const { devices, profiles } = this.#parts;
    const said = Object.fromEntries(
      Object.entries(facts).map(([name, fact]) => [
        name,
        typeof fact === "string" ? fact.slice(0, FACT_CHARACTERS_MAX) : fact,
      ]),
    );
    this.#tell("Discovery/Found", `${search}-${url}`, {
      search,
      protocol,
      address,
      url,
      facts: JSON.stringify(said),
      matches: JSON.stringify(matchProfiles(protocol, facts, profiles())),
      device: devices().find((each) => each.url === url)?.id ?? "",
    });
  }

  #tell(event: DeviceEvent["event"], id: string, fields: DeviceEvent["fields"]): void {
    const { log, now, tell } = this.#parts;
    tell({ event, id, fields, quality: GOOD, eventTime: now() }).catch((error: unknown) =>
      log.warn({ err: error }, "what a search found could not be kept"),
    );
  }

  async #adopt(wanted: string): Promise<CommandOutcome> {
    const { configuration } = this.#parts;
    const { login, ...stanza } = checkDocument<AdoptedStanza>("device", wanted, STANZA_SCHEMA).value;
    const host = URL.canParse(stanza.url) ? new URL(stanza.url).hostname : "";
    if (!configuration.addresses.includes(host))
      return refused(
        `${stanza.url} is not in ${configuration.ranges}, which is all that this box may search`,
      );
    const named = configuration.logins.find(({ name }) => name === login);
    if (login !== undefined && named === undefined)
      return refused(`this box has no login ${login}; it has ${namesOf(configuration)}`);
    return await this.#change(stanza.id, (devices, known) => {
      const lines = {
        ...stanza,
        ...(named === undefined ? {} : { username: named.username, secretFile: named.secretFile }),
        commissioning: "required",
      };
      if (known === undefined) devices.add(lines);
      else for (const [key, value] of Object.entries(lines)) known.set(key, value);
    });
  }

  async #withdraw(device: string): Promise<CommandOutcome> {
    if (!this.#parts.devices().some((each) => each.id === device))
      return refused(`this edge node has no device ${device}`);
    return await this.#change(device, (devices, known) => {
      if (known !== undefined) devices.items.splice(devices.items.indexOf(known), 1);
    });
  }

  /** Only what nobody has confirmed is the hub's to change: the rest was installed by somebody who stood there. */
  async #change(
    device: string,
    edit: (devices: YAMLSeq, known: YAMLMap | undefined) => void,
  ): Promise<CommandOutcome> {
    const { check, devices, file, log, reload } = this.#parts;
    if (devices().find(({ id }) => id === device)?.settled === true)
      return refused(`${device} is in service; change it in the box's own configuration`);
    editDevices(
      file,
      (list) => {
        edit(
          list,
          list.items.find((item): item is YAMLMap => isMap(item) && item.get("id") === device),
        );
        return true;
      },
      check,
    );
    log.info({ device, file }, "the hub has changed the devices of this box");
    await reload();
    return confirmed;
  }
}

const namesOf = ({ logins }: DiscoveryConfiguration): string =>
  logins.map(({ name }) => name).join(", ") || "none";
