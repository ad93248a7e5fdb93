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
    const { id } = campus;
    if (ofHub)
      checks.problem(
        "campus.path",
        `must be the place of the hub, and end in ${id}, the hub's id`,
        `须为平台所在的位置，并以平台编号 ${id} 结尾`,
      );
    else
      checks.problem(
        "campus.path",
        `must be city/county/campus and end in ${id}, the campus's id`,
        `须写成 市/县/校，并以学校编号 ${id} 结尾`,
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

  problem(field: string, message: string, zh: string): undefined {
    this.problems.push(this.#locate(field, message, zh));
    return undefined;
  }

  path(text: string, field: string): AssetPath | undefined {
    try {
      return AssetPath(text);
    } catch (error) {
      if (!(error instanceof InvalidAssetPathError)) throw error;
      return this.problem(field, error.message, `位置 ${text} 写法有误：${PATH_RULE}`);
    }
  }

  /** The content of a file that nobody else may read; its trailing newline is the editor's. */
  secret(file: string | undefined, field: string): string | undefined {
    if (file === undefined) return undefined;
    const secret = readSecretFile(resolve(this.#folder, file));
    return "problem" in secret ? this.problem(field, secret.problem, secret.zh) : secret.text;
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
      this.problem(
        "broker",
        "must have a url, or urls when there are several servers",
        "须有 url；有多台服务器时用 urls",
      );
    if (url !== undefined && urls !== undefined)
      this.problem(
        "broker.urls",
        "stands beside broker.url; one of the two says where the servers are",
        "与 broker.url 重复，请只保留一个",
      );
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
        "需要 broker.tls 中的 caSha256，且密钥与证书在同一个文件中（certFile 与 keyFile 相同）",
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
      this.problem("discovery.ranges", error.message, `地址范围有误：${error.message}`);
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
      this.problem(`${field}.poll`, `is shorter than ${POLL_MS_MIN} ms`, `不能短于 ${POLL_MS_MIN} 毫秒`);
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
      else
        this.problem(
          `devices.${index}.id`,
          `${id} is the id of devices.${first} already`,
          `编号 ${id} 已被 devices.${first} 使用`,
        );
    }
    for (const [index, { dependsOn }] of devices.entries()) {
      if (dependsOn === undefined || indexOf.has(dependsOn)) continue;
      this.#noDevice(dependsOn, indexOf.keys(), `devices.${index}.dependsOn`);
    }
    for (const cycle of cyclesOf(devices)) {
      const index = indexOf.get(cycle[0] ?? "") ?? 0;
      const circle = [...cycle, cycle[0]].join(" → ");
      this.problem(`devices.${index}.dependsOn`, `depends on itself: ${circle}`, `依赖关系成环：${circle}`);
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
        this.#noCamera(camera.profile, field);
      } else if (!this.#ids.has(device)) {
        this.#noDevice(device, this.#ids, `${field}.device`);
      } else if (recorder !== undefined && !isReplayer(recorder.profile)) {
        this.problem(
          `${field}.device`,
          `${device} cannot play what it recorded: its profile ${recorder.profile.id} is none of ONVIF Profile G`,
          `${device} 不能回放录像：其型号 ${recorder.profile.id} 不支持 ONVIF Profile G`,
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
          this.problem(
            `${field}.${port}`,
            `${room} is no room: building/floor/space`,
            `${room} 不是房间，应写成 楼/层/房间`,
          );
        return [port, path ?? room];
      }),
    );
  }

  #profile(id: string, field: string): Profile | undefined {
    const profile = this.#profiles.find(id);
    if (profile !== undefined) return profile;
    const hint = suggestion(id, this.#profiles.ids);
    return this.problem(field, `there is no profile ${id}${hint.en}`, `没有型号 ${id}${hint.zh}`);
  }

  /** The login is that of the camera itself. */
  #stream(text: string, field: string, profile: Profile | undefined): URL | undefined {
    if (profile !== undefined && profile.class !== "camera") return this.#noCamera(profile, field);
    this.#streams += 1;
    if (this.#streams > CLIP_CAMERAS_MAX)
      return this.problem(
        field,
        `is one of more than ${CLIP_CAMERAS_MAX}; a box keeps so many streams`,
        `超过 ${CLIP_CAMERAS_MAX} 路，一台盒子最多保存这么多路视频`,
      );
    return this.#address(text, field);
  }

  #address(text: string, field: string): URL | undefined {
    if (!URL.canParse(text)) return this.problem(field, "is not a URL", "不是网址（URL）");
    const url = new URL(text);
    if (url.password === "") return url;
    return this.problem(
      field,
      "holds a password; put it in a file and name it in secretFile",
      "含有密码，请把密码放进文件，用 secretFile 指明",
    );
  }

  #noDevice(id: string, known: Iterable<string>, field: string): void {
    const hint = suggestion(id, known);
    this.problem(
      field,
      `there is no device ${id} in this file${hint.en}`,
      `本文件中没有设备 ${id}${hint.zh}`,
    );
  }

  #noCamera({ id }: Profile, field: string): undefined {
    return this.problem(field, `is of cameras alone, and ${id} is none`, `只用于摄像机，而 ${id} 不是`);
  }

  #url(text: string, field: string, profile: Profile | undefined): URL | undefined {
    const url = this.#address(text, field);
    if (url === undefined || profile === undefined) return url;
    const schemes = URL_SCHEMES[profile.protocol];
    if (schemes.includes(url.protocol)) return url;
    const wanted = schemes.map((scheme) => `${scheme}//`);
    return this.problem(
      field,
      `${profile.id} is spoken to over ${wanted.join(" or ")}, not ${url.protocol}//`,
      `${profile.id} 用 ${wanted.join(" 或 ")} 通信，而不是 ${url.protocol}//`,
    );
  }
}

/** In Chinese where the vocabulary says it in English. */
const PATH_RULE = "1 到 6 段，以 / 分隔，每段只用小写字母、数字和连字符";

function suggestion(text: string, known: Iterable<string>): LocalText {
  const close = nearest(text, known);
  if (close.length === 0) return { en: "", zh: "" };
  return { en: `; did you mean ${close.join(" or ")}?`, zh: `；是不是 ${close.join(" 或 ")}？` };
}

const isReplayer = (profile: Profile): boolean =>
  profile.protocol === "onvif" && profile.recording !== undefined;
