/**
 * The edge agent's configuration: one YAML file, valid or refused as a whole with everything that is wrong with it.
 * A half-read file would leave devices unwatched without anybody knowing.
 */
import { dirname, resolve } from "node:path";
import type { Profile } from "@campus-ops/device-profiles/profiles";
import {
  AssetPath,
  ancestorAt,
  CampusId,
  DeviceId,
  duration_ms,
  InvalidAssetPathError,
  type LocalText,
  NodeId,
  nearest,
} from "@campus-ops/device-profiles/vocabulary";
import {
  type DocumentProblem,
  InvalidDocumentError,
  type Locate,
  loadDocument,
  readSecretFile,
} from "@campus-ops/service/process";
import {
  CONFIGURATION_SCHEMA,
  type ConfigurationDocument,
  type DeviceDocument,
  type DiscoveryDocument,
  type Login,
  type OutboxConfiguration,
} from "./configuration-schema.ts";
import { InvalidRangeError, parseAddresses } from "./core/address-range.ts";
import { cyclesOf } from "./core/configuration-checks.ts";
import { DISCOVERY_PROTOCOLS, type DiscoveryProtocol } from "./discovery/finding.ts";
import type { DeviceTarget } from "./drivers/driver.ts";
import { URL_SCHEMES } from "./drivers/registry.ts";
import type { HandoffMode } from "./handoff/sender.ts";
import type { BrokerAddress, TlsFiles } from "./mqtt/connection.ts";
import { loadProfiles, type ProfileSet, SHIPPED } from "./profile-folder.ts";

export interface Configuration {
  readonly campus: CampusId;
  readonly campusPath: AssetPath;
  readonly node: NodeId;
  readonly title: LocalText;
  /** One at least; the agent is connected to one of them at a time. */
  readonly brokers: readonly BrokerAddress[];
  readonly primaryHost: string | undefined;
  readonly handoff: HandoffMode;
  readonly outbox: OutboxConfiguration;
  readonly devices: readonly DeviceConfiguration[];
  /** Folder of the user's own profiles; absolute. */
  readonly profilesFolder: string | undefined;
  /** Where the box renews its certificate; absent where a person does. */
  readonly enrolment: EnrolmentConfiguration | undefined;
  /** What the hub may have this box search and take in; absent where it may not. */
  readonly discovery?: DiscoveryConfiguration;
}

export interface DiscoveryConfiguration {
  readonly ranges: string;
  readonly addresses: readonly string[];
  readonly protocols: readonly DiscoveryProtocol[];
  readonly rate_per_s: number;
  readonly ports: Partial<Readonly<Record<DiscoveryProtocol, number>>>;
  readonly communities: readonly string[];
  readonly logins: readonly Login[];
}

export interface EnrolmentConfiguration {
  readonly url: string;
  /** SHA-256 of the authority's certificate, hex. */
  readonly pin: string;
}

export interface DeviceConfiguration {
  readonly id: DeviceId;
  readonly profile: Profile;
  readonly title: LocalText;
  readonly path: AssetPath;
  readonly target: DeviceTarget;
  readonly dependsOn: DeviceId | undefined;
  /** Of a camera: ids of devices, and asset paths, that it looks at. */
  readonly sees?: readonly string[];
  /** Of a camera: the stream that clips of alarms are cut from. */
  readonly clips?: DeviceTarget;
  /** Of a camera: who records it, and can play it again. */
  readonly recordedBy?: RecordedBy;
  /** Lower case with colons: finds the switch port that it hangs from. */
  readonly mac?: string;
  /** Of a switch: the classroom that a port serves, by the port's instance in the metrics. */
  readonly serves?: Readonly<Record<string, AssetPath>>;
  readonly pollInterval_ms: number;
  /** True: commissioning until a person has confirmed it. */
  readonly commissioning: boolean;
}

export interface RecordedBy {
  readonly device: DeviceId;
  /** From 1, in the order of the recorder's video sources. */
  readonly channel: number;
  /** Of the recorder, with its login. */
  readonly target: DeviceTarget;
}

/** Cameras of one box whose streams are kept for clips: each takes a process, and up to 15 MB. */
export const CLIP_CAMERAS_MAX = 8;
/** Looked at more often than this, most devices do nothing else any more. */
export const POLL_MS_MIN = 100;
const COMMUNITY_USUAL = "public";

/** Reads and checks the file. Throws {@link InvalidDocumentError} with every problem found. */
export function loadConfiguration(file: string): Configuration {
  const { value: document, locate } = loadDocument<ConfigurationDocument>(file, CONFIGURATION_SCHEMA);
  const folder = dirname(resolve(file));
  const profilesFolder =
    document.profilesFolder === undefined ? undefined : resolve(folder, document.profilesFolder);
  const profiles = profilesFolder === undefined ? SHIPPED : loadProfiles(profilesFolder);
  const checks = new Checks(folder, locate, profiles, new Set(document.devices.map(({ id }) => id)));
  const { broker, campus, node } = document;
  const brokers = checks.brokers(broker);
  const campusPath = checks.path(campus.path, "campus.path");
  const ofHub = document.devices.some(({ profile }) => profiles.find(profile)?.class === "hub");
  const named = ofHub ? campusPath?.split("/").at(-1) : campusPath?.split("/")[2];
  if (campusPath !== undefined && named !== campus.id) {
    checks.problem(
      "campus.path",
      ofHub
        ? `must be the place of the hub, and end in ${campus.id}, the hub's id`
        : `must be city/county/campus and end in ${campus.id}, the campus's id`,
    );
  }
  const devices = document.devices.flatMap((device, index) => {
    const checked = checks.device(device, `devices.${index}`, campus.path);
    return checked === undefined ? [] : [checked];
  });
  checks.topology(document.devices);
  const recorded = checks.recorders(document.devices, devices);
  const enrolment = checks.enrolment(document);
  const discovery = checks.discovery(document.discovery);
  if (checks.problems.length > 0) throw new InvalidDocumentError(checks.problems);
  return {
    campus: CampusId(campus.id),
    campusPath: campus.path,
    node: NodeId(node.id),
    title: node.title,
    brokers,
    primaryHost: document.primaryHost,
    handoff: document.handoff,
    outbox: document.outbox,
    devices: recorded,
    profilesFolder,
    enrolment,
    ...(discovery === undefined ? {} : { discovery }),
  };
}

class Checks {
  readonly problems: DocumentProblem[] = [];
  readonly #folder: string;
  readonly #locate: Locate;
  readonly #profiles: ProfileSet;
  readonly #ids: ReadonlySet<string>;
  #streams = 0;

  constructor(folder: string, locate: Locate, profiles: ProfileSet, ids: ReadonlySet<string>) {
    this.#ids = ids;
    this.#folder = folder;
    this.#locate = locate;
    this.#profiles = profiles;
  }

  problem(field: string, message: string): undefined {
    this.problems.push(this.#locate(field, message));
    return undefined;
  }

  path(text: string, field: string): AssetPath | undefined {
    try {
      return AssetPath(text);
    } catch (error) {
      if (!(error instanceof InvalidAssetPathError)) throw error;
      return this.problem(field, error.message);
    }
  }

  /** The content of a file that nobody else may read; its trailing newline is the editor's. */
  secret(file: string | undefined, field: string): string | undefined {
    if (file === undefined) return undefined;
    const secret = readSecretFile(resolve(this.#folder, file));
    return "problem" in secret ? this.problem(field, secret.problem) : secret.text;
  }

  /** All servers of an infrastructure know the edge by the same name, and are known by the same authority. */
  brokers({
    passwordFile,
    tls,
    url,
    urls,
    username,
  }: ConfigurationDocument["broker"]): readonly BrokerAddress[] {
    if (url === undefined && urls === undefined)
      this.problem("broker", "must have a url, or urls when there are several servers");
    if (url !== undefined && urls !== undefined)
      this.problem("broker.urls", "stands beside broker.url; one of the two says where the servers are");
    const password = this.secret(passwordFile, "broker.passwordFile");
    const common = {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls: this.#files(tls) }),
    };
    return (urls ?? (url === undefined ? [] : [url])).map((each) => ({ url: each, ...common }));
  }

  #files(tls: TlsFiles): TlsFiles {
    return Object.fromEntries(
      Object.entries(tls).map(([key, each]) => [
        key,
        key.endsWith("File") ? resolve(this.#folder, each) : each,
      ]),
    );
  }

  /** Key and certificate are replaced in one step, so they are one file. */
  enrolment({ broker, enrolment }: ConfigurationDocument): EnrolmentConfiguration | undefined {
    if (enrolment === undefined) return undefined;
    const { caSha256, certFile, keyFile } = broker.tls ?? {};
    if (caSha256 === undefined || certFile === undefined || certFile !== keyFile) {
      return this.problem(
        "enrolment",
        "needs broker.tls with caSha256, and with key and certificate in one file: certFile and keyFile alike",
      );
    }
    return { url: enrolment.url, pin: caSha256 };
  }

  discovery(document: DiscoveryDocument | undefined): DiscoveryConfiguration | undefined {
    if (document === undefined) return undefined;
    const { communityFiles = [], logins = [], ports = {}, protocols = DISCOVERY_PROTOCOLS } = document;
    for (const [index, { secretFile }] of logins.entries())
      this.secret(secretFile, `discovery.logins.${index}.secretFile`);
    const communities = communityFiles.flatMap(
      (each, index) => this.secret(each, `discovery.communityFiles.${index}`) ?? [],
    );
    let addresses: readonly string[] = [];
    try {
      addresses = parseAddresses(document.ranges);
    } catch (error) {
      if (!(error instanceof InvalidRangeError)) throw error;
      this.problem("discovery.ranges", error.message);
    }
    return {
      ranges: document.ranges,
      addresses,
      protocols,
      rate_per_s: document.rate,
      ports,
      communities: communities.length === 0 ? [COMMUNITY_USUAL] : communities,
      logins,
    };
  }

  device(device: DeviceDocument, field: string, campusPath: string): DeviceConfiguration | undefined {
    const profile = this.#profile(device.profile, `${field}.profile`);
    // A hub's device is a whole campus, which may lie anywhere below the hub's own place.
    const path = this.path(
      profile?.class === "hub" ? device.at : `${campusPath}/${device.at}`,
      `${field}.at`,
    );
    const secret = this.secret(device.secretFile, `${field}.secretFile`);
    const url = this.#url(device.url, `${field}.url`, profile);
    const pollInterval_ms = device.poll === undefined ? profile?.pollInterval_ms : duration_ms(device.poll);
    if (pollInterval_ms !== undefined && pollInterval_ms < POLL_MS_MIN) {
      this.problem(`${field}.poll`, `is shorter than ${POLL_MS_MIN} ms`);
    }
    const login = {
      ...(device.username === undefined ? {} : { username: device.username }),
      ...(secret === undefined ? {} : { secret }),
    };
    const clips =
      device.clips === undefined ? undefined : this.#stream(device.clips, `${field}.clips`, profile);
    if (path === undefined || profile === undefined || url === undefined || pollInterval_ms === undefined) {
      return undefined;
    }
    return {
      id: DeviceId(device.id),
      profile,
      title: device.title,
      path,
      target: { url, ...login },
      dependsOn: device.dependsOn === undefined ? undefined : DeviceId(device.dependsOn),
      ...(device.sees === undefined ? {} : { sees: this.#seen(device.sees, `${field}.sees`, campusPath) }),
      ...(clips === undefined ? {} : { clips: { url: clips, ...login } }),
      ...(device.mac === undefined ? {} : { mac: device.mac }),
      ...(device.serves === undefined
        ? {}
        : { serves: this.#served(device.serves, `${field}.serves`, campusPath) }),
      pollInterval_ms,
      commissioning: device.commissioning === "required",
    };
  }

  /** What the devices say of one another: no id twice, nobody hangs from nothing, nobody hangs from himself. */
  topology(devices: readonly DeviceDocument[]): void {
    const indexOf = new Map<string, number>();
    for (const [index, { id }] of devices.entries()) {
      const first = indexOf.get(id);
      if (first === undefined) indexOf.set(id, index);
      else this.problem(`devices.${index}.id`, `${id} is the id of devices.${first} already`);
    }
    for (const [index, { dependsOn }] of devices.entries()) {
      if (dependsOn === undefined || indexOf.has(dependsOn)) continue;
      const hint = suggestion(dependsOn, indexOf.keys());
      this.problem(`devices.${index}.dependsOn`, `there is no device ${dependsOn} in this file${hint}`);
    }
    for (const cycle of cyclesOf(devices)) {
      const index = indexOf.get(cycle[0] ?? "") ?? 0;
      this.problem(`devices.${index}.dependsOn`, `depends on itself: ${[...cycle, cycle[0]].join(" → ")}`);
    }
  }

  /** The devices, each camera with who records it. */
  recorders(
    documents: readonly DeviceDocument[],
    devices: readonly DeviceConfiguration[],
  ): readonly DeviceConfiguration[] {
    const documentOf = new Map(documents.map((each, index) => [each.id, { index, ...each.recordedBy }]));
    const byId = new Map(devices.map((device) => [String(device.id), device]));
    return devices.map((camera) => {
      const { channel = 1, device, index } = documentOf.get(camera.id) ?? {};
      if (device === undefined) return camera;
      const field = `devices.${index}.recordedBy`;
      const recorder = byId.get(device);
      if (camera.profile.class !== "camera") {
        this.problem(field, `is of cameras alone, and ${camera.profile.id} is none`);
      } else if (!this.#ids.has(device)) {
        const hint = suggestion(device, this.#ids);
        this.problem(`${field}.device`, `there is no device ${device} in this file${hint}`);
      } else if (recorder !== undefined && !isReplayer(recorder.profile)) {
        this.problem(
          `${field}.device`,
          `${device} cannot play what it recorded: its profile ${recorder.profile.id} is none of ONVIF Profile G`,
        );
      } else if (recorder !== undefined) {
        return { ...camera, recordedBy: { device: recorder.id, channel, target: recorder.target } };
      }
      return camera;
    });
  }

  /** What is no device of this file is a place. */
  #seen(sees: readonly string[], field: string, campusPath: string): readonly string[] {
    return sees.map((each, index) =>
      this.#ids.has(each) ? each : (this.path(`${campusPath}/${each}`, `${field}.${index}`) ?? each),
    );
  }

  #served(
    serves: Readonly<Record<string, string>>,
    field: string,
    campusPath: string,
  ): Readonly<Record<string, AssetPath>> {
    return Object.fromEntries(
      Object.entries(serves).map(([port, room]) => {
        const path = this.path(`${campusPath}/${room}`, `${field}.${port}`);
        if (path !== undefined && ancestorAt(path, "space") === undefined)
          this.problem(`${field}.${port}`, `${room} is no room: building/floor/space`);
        return [port, path ?? room];
      }),
    );
  }

  #profile(id: string, field: string): Profile | undefined {
    const profile = this.#profiles.find(id);
    if (profile !== undefined) return profile;
    const hint = suggestion(id, this.#profiles.ids);
    return this.problem(field, `there is no profile ${id}${hint}`);
  }

  /** The login is that of the camera itself. */
  #stream(text: string, field: string, profile: Profile | undefined): URL | undefined {
    if (profile !== undefined && profile.class !== "camera")
      return this.problem(field, `is of cameras alone, and ${profile.id} is none`);
    this.#streams += 1;
    if (this.#streams > CLIP_CAMERAS_MAX)
      return this.problem(field, `is one of more than ${CLIP_CAMERAS_MAX}; a box keeps so many streams`);
    return this.#address(text, field);
  }

  #address(text: string, field: string): URL | undefined {
    if (!URL.canParse(text)) return this.problem(field, "is not a URL");
    const url = new URL(text);
    if (url.password === "") return url;
    return this.problem(field, "holds a password; put it in a file and name it in secretFile");
  }

  #url(text: string, field: string, profile: Profile | undefined): URL | undefined {
    const url = this.#address(text, field);
    if (url === undefined || profile === undefined) return url;
    const schemes = URL_SCHEMES[profile.protocol];
    if (schemes.includes(url.protocol)) return url;
    const wanted = schemes.map((scheme) => `${scheme}//`).join(" or ");
    return this.problem(field, `${profile.id} is spoken to over ${wanted}, not ${url.protocol}//`);
  }
}

function suggestion(text: string, known: Iterable<string>): string {
  const close = nearest(text, known);
  return close.length === 0 ? "" : `; did you mean ${close.join(" or ")}?`;
}

const isReplayer = (profile: Profile): boolean =>
  profile.protocol === "onvif" && profile.recording !== undefined;
