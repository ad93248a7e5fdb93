/** A simulated ISAPI device: a gate, a face terminal, a camera or a recorder, whichever the profile says. */
import type { ServerResponse } from "node:http";
import { DOOR_COMMANDS, ISAPI_PATHS, parseDeviceTime } from "../../codecs/isapi.ts";
import { numberIn, parseIsapi, textIn } from "../../codecs/isapi-document.ts";
import { type IsapiProfile, isapiFamilies, isapiMetrics } from "../../profiles/isapi-profile.ts";
import type { EventName, MetricName, SampleValue } from "../../vocabulary/index.ts";
import { CHANNELS, channelMetrics, familyOf } from "../channels.ts";
import { CLOCK_FAULTS, DeviceClock } from "../device-clock.ts";
import { HTTP_FAULTS, type Served, type ServedRequest, SimulatedHttpServer } from "../http/server.ts";
import { takePicture } from "../picture.ts";
import {
  checkFault,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import {
  alert,
  channelStatus,
  type DeviceState,
  deviceInfo,
  JSON_TYPE,
  responseStatus,
  searchResult,
  storage,
  time,
  workStatus,
  XML,
} from "./documents.ts";
import { CHINA_minutes, DoorLog, type LoggedRecord, logEntry, streamEntry, timeText } from "./door-log.ts";

const HEARTBEAT_ms = 300;
/** A door that was opened once locks again after this. */
const UNLOCK_ms = 3_000;
const REPLAYED = 5;
const STORM = 300;
const BOUNDARY = "boundary";
/** 张三 in GB18030, its last character cut in two. */
const CUT_NAME = Uint8Array.of(0xd5, 0xc5, 0xc8);

const ISAPI_FAULTS = [
  ...HTTP_FAULTS,
  ...CLOCK_FAULTS,
  "local-time",
  "replay",
  "counter-reset",
  "sentinel",
  "mislabelled-text",
  "storm",
  "not-done",
] as const satisfies readonly SimulatedFault[];

/** Starts a device on loopback. With `options.username` it asks for that login, `options.secret` its password. */
export async function startIsapiSimulator(
  profile: IsapiProfile,
  options: SimulatorOptions = {},
): Promise<SimulatedIsapiDevice> {
  const device = new SimulatedIsapiDevice(profile, options);
  await device.open();
  return device;
}

export class SimulatedIsapiDevice implements SimulatedDevice, DeviceState {
  readonly profile: IsapiProfile;
  readonly channels = CHANNELS;
  readonly faults = ISAPI_FAULTS;
  readonly #server: SimulatedHttpServer;
  readonly #clock: DeviceClock;
  readonly #log: DoorLog | undefined;
  readonly #values = new Map<MetricName, SampleValue>();
  #fault: SimulatedFault | null = null;
  #heartbeat: NodeJS.Timeout | undefined;
  #relock: NodeJS.Timeout | undefined;

  constructor(profile: IsapiProfile, options: SimulatorOptions) {
    this.profile = profile;
    this.#clock = new DeviceClock(options.now);
    this.#server = new SimulatedHttpServer(options, (request, response) => this.#serve(request, response));
    if (profile.access !== undefined) this.#log = new DoorLog(profile.access);
    this.#fill();
  }

  #fill(): void {
    const families = channelMetrics(isapiFamilies(this.profile));
    for (const metric of [...isapiMetrics(this.profile), ...families]) this.#values.set(metric, false);
    const facts: readonly (readonly [MetricName, SampleValue])[] = [
      ["Connectivity/ClockOffset", 0],
      ["Properties/Vendor", this.profile.vendor],
      ["Properties/Model", this.profile.model],
      ["Properties/Serial", "DS20260901AACHC12345678"],
      ["Properties/Firmware", "V3.2.30"],
      ["Door/Mode", "controlled"],
    ];
    for (const [metric, value] of facts) {
      if (!metric.startsWith("Door/") || this.#values.has(metric)) this.#values.set(metric, value);
    }
    for (const metric of this.#values.keys()) {
      if (metric.endsWith("/Online")) this.#values.set(metric, true);
      if (metric.endsWith("/KeptDays")) this.#values.set(metric, 30);
    }
  }

  get url(): string {
    return this.#server.url;
  }

  /** Resolves when a client listens. */
  streaming(): Promise<void> {
    return this.#server.streaming();
  }

  /** Wrong logins so far; see `lockout`. */
  get loginFailures(): number {
    return this.#server.guard.failures;
  }

  get localTime(): string {
    return timeText(this.#clock.now(), this.#zone);
  }

  get #zone(): number | null {
    return this.#fault === "local-time" ? null : CHINA_minutes;
  }

  get(metric: MetricName): SampleValue {
    const value = this.#values.get(metric);
    if (value === undefined) throw new RangeError(`the simulated ${this.profile.id} has no metric ${metric}`);
    return value;
  }

  set(metric: MetricName, value: SampleValue): void {
    const before = this.get(metric);
    this.#values.set(metric, value);
    if (metric === "Connectivity/ClockOffset") this.#clock.offset_ms = Number(value) * 1_000;
    if (before === value) return;
    const record = this.#log?.ofState(metric, value, this.#clock.now());
    if (record !== undefined) this.#tell(record);
    if (metric === "Door/Open" && value === false) {
      this.#values.set("Door/Forced", false);
      this.#values.set("Door/HeldOpen", false);
    }
    this.#sendAlert(metric, value === true);
  }

  raise(event: EventName, fields: Readonly<Record<string, SampleValue>>): void {
    if (this.#log === undefined) {
      throw new RangeError(`the simulated ${this.profile.id} has no event ${event}`);
    }
    this.#tell(this.#log.ofEvent(event, fields, this.#clock.now(), this.#fault === "sentinel"));
  }

  async open(): Promise<void> {
    await this.#server.open();
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_ms);
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#relock);
    await this.#server.close();
  }

  async fault(fault: SimulatedFault | null): Promise<void> {
    checkFault(fault, this.faults);
    this.#fault = fault;
    this.#clock.fault(fault);
    if (fault === "counter-reset") this.#log?.reset();
    await this.#server.fault(fault);
  }

  /** The lock is released for a moment, as a command or a card does. */
  #unlock(): void {
    this.set("Door/Unlocked", true);
    clearTimeout(this.#relock);
    this.#relock = setTimeout(() => this.set("Door/Unlocked", false), UNLOCK_ms);
  }

  #tell(record: LoggedRecord): void {
    const bytes = this.#entry(record, true);
    const times = this.#fault === "storm" ? STORM : 1;
    for (let i = 0; i < times; i += 1) this.#server.send(bytes, "news");
  }

  #entry(record: LoggedRecord, isCurrent: boolean): Uint8Array {
    const text = JSON.stringify(streamEntry(record, this.#zone, isCurrent));
    const damaged = this.#fault === "mislabelled-text";
    return part(JSON_TYPE, damaged ? withName(text) : Buffer.from(text));
  }

  #sendAlert(metric: MetricName, active: boolean): void {
    const { channel, family } = familyOf(metric);
    const topic = this.profile.alerts.find((each) => each.metric === family);
    if (topic === undefined) return;
    const text = alert(topic.eventType, channel, active, this.localTime);
    this.#server.send(part(XML, Buffer.from(text)), "news");
  }

  /** What lasts is said again; where nothing does, the heartbeat. */
  #beat(): void {
    const lasting = [...this.#values].filter(([, value]) => value === true).map(([metric]) => metric);
    for (const metric of lasting) this.#sendAlert(metric, true);
    this.#server.send(part(XML, Buffer.from(alert("videoloss", 0, false, this.localTime))), "heartbeat");
  }

  #serve(
    { body, method, path, query }: ServedRequest,
    response: ServerResponse,
  ): Served | "stream" | undefined {
    const target = query.has("format") ? `${path}?format=${query.get("format")}` : path;
    const { access, recorder, snapshot } = this.profile;
    switch (target) {
      case ISAPI_PATHS.alertStream:
        return this.#begin(response);
      case ISAPI_PATHS.deviceInfo:
        return xml(deviceInfo(this));
      case ISAPI_PATHS.time:
        return xml(time(this));
      case ISAPI_PATHS.workStatus:
        return access && { type: JSON_TYPE, body: workStatus(this, this.#fault === "sentinel") };
      case ISAPI_PATHS.acsEvent:
        return access && this.#search(body);
      case ISAPI_PATHS.door(1):
        return access && method === "PUT" ? this.#command(body) : undefined;
      case ISAPI_PATHS.storage:
        return recorder === true ? xml(storage(this)) : undefined;
      case ISAPI_PATHS.channelStatus:
        return recorder === true ? xml(channelStatus(this)) : undefined;
      case ISAPI_PATHS.search:
        return recorder === true ? this.#oldest(body) : undefined;
      case ISAPI_PATHS.picture(1):
        return snapshot === true ? { type: "image/jpeg", body: this.#picture() } : undefined;
      default:
        return undefined;
    }
  }

  #begin(response: ServerResponse): "stream" {
    this.#server.stream(response, `multipart/mixed; boundary=${BOUNDARY}`);
    // The picture of an earlier event, which every reader of the stream has to get past.
    this.#server.sendTo(response, part("image/jpeg", Uint8Array.of(0xff, 0xd8, 0x2d, 0x2d, 0xff, 0xd9)));
    if (this.#fault !== "replay") return "stream";
    for (const record of this.#log?.records.slice(-REPLAYED) ?? []) {
      this.#server.sendTo(response, this.#entry(record, false));
    }
    return "stream";
  }

  #search(body: Buffer): Served {
    const condition = parseIsapi(body);
    const position = numberIn(condition, "searchResultPosition") ?? 0;
    const size = numberIn(condition, "maxResults") ?? 10;
    const [from = 0, to = 0] = ["startTime", "endTime"].map((name) =>
      parseDeviceTime(textIn(condition, name), CHINA_minutes),
    );
    const matches = (this.#log?.records ?? []).filter((each) => each.time >= from && each.time <= to);
    // Devices sort by what they like: here the newest of a page comes first.
    const page = matches.slice(position, position + size).toReversed();
    const more = position + page.length < matches.length;
    const text = JSON.stringify({
      AcsEvent: {
        searchID: textIn(condition, "searchID") ?? "",
        responseStatusStrg: matches.length === 0 ? "NO MATCH" : more ? "MORE" : "OK",
        numOfMatches: page.length,
        totalMatches: matches.length,
        InfoList: page.map((record) => logEntry(record, this.#zone)),
      },
    });
    return {
      type: JSON_TYPE,
      body: this.#fault === "mislabelled-text" ? withName(text) : text,
    };
  }

  #command(body: Buffer): Served {
    const command = DOOR_COMMANDS.find((each) => each === textIn(parseIsapi(body), "cmd"));
    if (command === undefined) {
      return { status: 400, type: XML, body: responseStatus(6, "Invalid Content", "badParameters") };
    }
    if (this.#fault !== "not-done") this.#obey(command);
    return xml(responseStatus(1, "OK", "ok"));
  }

  #obey(command: (typeof DOOR_COMMANDS)[number]): void {
    if (command === "open") this.#unlock();
    else if (command === "close") this.set("Door/Unlocked", false);
    else {
      const mode =
        command === "alwaysOpen" ? "unlocked" : command === "alwaysClose" ? "locked" : "controlled";
      this.set("Door/Mode", mode);
      this.set("Door/Unlocked", mode === "unlocked");
    }
  }

  #oldest(body: Buffer): Served {
    const track = textIn(parseIsapi(body), "trackList", "trackID") ?? "";
    const channel = Number(track.slice(0, -2));
    const days = this.#values.get(`Channel/${channel}/KeptDays`);
    if (typeof days !== "number" || days === 0) return xml(searchResult(undefined));
    const oldest = this.#clock.now() - days * 86_400_000;
    return xml(searchResult(`${timeText(oldest, null)}Z`));
  }

  #picture(): Uint8Array {
    return takePicture({
      time_ms: this.#clock.now(),
      motion: this.#values.get("Motion/Active") === true,
      loss: this.#values.get("Video/Loss") === true,
      tamper: this.#values.get("Video/Tamper") === true,
    });
  }
}

const xml = (body: string): Served => ({ type: XML, body });

function part(type: string, body: Uint8Array): Uint8Array {
  const header = `--${BOUNDARY}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(header), body, Buffer.from("\r\n")]);
}

/** The person's name in an encoding that the document does not say, cut where the field was full. */
function withName(text: string): Buffer {
  const pieces = text.split('"name":""');
  return Buffer.concat(
    pieces.flatMap((piece, i) => [
      ...(i === 0 ? [] : [Buffer.from('"name":"'), CUT_NAME, Buffer.from('"')]),
      Buffer.from(piece),
    ]),
  );
}
