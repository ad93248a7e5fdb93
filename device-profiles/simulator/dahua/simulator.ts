/** A simulated Dahua device: a camera, a recorder or an access controller, whichever the profile says. */
import type { ServerResponse } from "node:http";
import { formatLocalTime } from "../../codecs/dahua.ts";
import {
  type DahuaProfile,
  dahuaFamilies,
  dahuaMetrics,
  METHODS,
  REASONS,
} from "../../profiles/dahua-profile.ts";
import type { EventName, MetricName, SampleValue } from "../../vocabulary/index.ts";
import { channelMetrics, familyOf } from "../channels.ts";
import { CLOCK_FAULTS, DeviceClock } from "../device-clock.ts";
import { HTTP_FAULTS, type Served, type ServedRequest, SimulatedHttpServer } from "../http/server.ts";
import { takePicture } from "../picture.ts";
import {
  checkFault,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";

const HEARTBEAT_ms = 300;
const UNLOCK_ms = 3_000;
const RECORDS_MAX = 50_000;
const REPLAYED = 5;
const STORM = 300;
const BOUNDARY = "myboundary";
const CHINA_minutes = 480;
const DISK_BYTES = 3_998_576_721_920;
/** 张三 in GB18030, its last character cut in two. */
const CUT_NAME = Uint8Array.of(0xd5, 0xc5, 0xc8);

const DAHUA_FAULTS = [
  ...HTTP_FAULTS,
  ...CLOCK_FAULTS,
  "replay",
  "counter-reset",
  "sentinel",
  "mislabelled-text",
  "storm",
  "not-done",
] as const satisfies readonly SimulatedFault[];

interface AccessRow {
  readonly RecNo: number;
  readonly CreateTime: number;
  readonly fields: Readonly<Record<string, string | number>>;
}

/** Starts a device on loopback. With `options.username` it asks for that login, `options.secret` its password. */
export async function startDahuaSimulator(
  profile: DahuaProfile,
  options: SimulatorOptions = {},
): Promise<SimulatedDahuaDevice> {
  const device = new SimulatedDahuaDevice(profile, options);
  await device.open();
  return device;
}

export class SimulatedDahuaDevice implements SimulatedDevice {
  readonly profile: DahuaProfile;
  readonly faults = DAHUA_FAULTS;
  readonly #server: SimulatedHttpServer;
  readonly #clock: DeviceClock;
  readonly #values = new Map<MetricName, SampleValue>();
  readonly #rows: AccessRow[] = [];
  #lastRecNo = 0;
  #fault: SimulatedFault | null = null;
  #heartbeat: NodeJS.Timeout | undefined;
  #relock: NodeJS.Timeout | undefined;

  constructor(profile: DahuaProfile, options: SimulatorOptions) {
    this.profile = profile;
    this.#clock = new DeviceClock(options.now);
    this.#server = new SimulatedHttpServer(options, (request, response) => this.#serve(request, response));
    const families = channelMetrics(dahuaFamilies(profile));
    for (const metric of [...dahuaMetrics(profile), ...families]) this.#values.set(metric, false);
    this.#values.set("Connectivity/ClockOffset", 0);
    this.#values.set("Properties/Vendor", profile.vendor);
    this.#values.set("Properties/Model", profile.model);
    this.#values.set("Properties/Serial", "7B00000PAJ00001");
    this.#values.set("Properties/Firmware", "2.880.0000000.16.R,build:2022-09-01");
    if (profile.access === true) this.#values.set("Door/Mode", "controlled");
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
    if (metric === "Door/Open") {
      if (value === false) for (const each of ["Door/Forced", "Door/HeldOpen"]) this.#values.set(each, false);
      this.#send(
        `Code=DoorStatus;action=Pulse;index=0;data={\n   "Status" : "${value === true ? "Open" : "Close"}"\n}\n`,
      );
    }
    // A lock that is released leaves a record, and nothing else.
    if (metric === "Door/Unlocked" && value === true) this.#log({ Method: 5, Status: 1 });
    const { channel, family } = familyOf(metric);
    const topic = this.profile.topics.find((each) => each.metric === family);
    if (topic === undefined) return;
    const action = value === true ? "Start" : "Stop";
    this.#send(`Code=${topic.code};action=${action};index=${channel - 1}`);
  }

  raise(event: EventName, fields: Readonly<Record<string, SampleValue>>): void {
    if (event !== "Access/Swipe" || this.profile.access !== true) {
      throw new RangeError(`the simulated ${this.profile.id} has no event ${event}`);
    }
    const granted = fields.result !== "refused";
    const credential = String(fields.credential ?? "");
    this.#log({
      CardName: "",
      CardNo: credential.startsWith("employee:") ? "" : credential.toUpperCase(),
      Door: 0,
      ErrorCode: granted ? 0 : (keyOf(REASONS, fields.reason) ?? 0x10),
      Method: keyOf(METHODS, fields.method) ?? 1,
      Status: granted ? 1 : 0,
      Type: fields.direction === "out" ? "Exit" : fields.direction === "in" ? "Entry" : "",
      UserID: credential.startsWith("employee:") ? credential.slice("employee:".length) : "",
    });
  }

  async open(): Promise<void> {
    await this.#server.open();
    this.#heartbeat = setInterval(
      () => this.#server.send(part(Buffer.from("Heartbeat")), "heartbeat"),
      HEARTBEAT_ms,
    );
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
    if (fault === "counter-reset") {
      this.#rows.length = 0;
      this.#lastRecNo = 0;
    }
    await this.#server.fault(fault);
  }

  #log(fields: AccessRow["fields"]): void {
    this.#lastRecNo += 1;
    const CreateTime = Math.floor(this.#clock.now() / 1_000);
    this.#rows.push({ RecNo: this.#lastRecNo, CreateTime, fields });
    if (this.#rows.length > RECORDS_MAX) this.#rows.shift();
    this.#send(
      `Code=AccessControl;action=Pulse;index=0;data={\n   "Door" : 0,\n   "UTC" : ${CreateTime}\n}\n`,
    );
  }

  #send(text: string): void {
    const bytes = part(Buffer.from(text));
    const times = this.#fault === "storm" ? STORM : 1;
    for (let i = 0; i < times; i += 1) this.#server.send(bytes, "news");
  }

  #serve({ path, query }: ServedRequest, response: ServerResponse): Served | "stream" | undefined {
    const action = query.get("action") ?? "";
    switch (`${path.replace(/^\/cgi-bin\/|\.cgi$/g, "")} ${action}`.trim()) {
      case "eventManager attach":
        return this.#begin(response);
      case "eventManager getEventIndexes":
        return this.#indexes(query.get("code") ?? "");
      case "magicBox getSystemInfo":
        return table({
          appAutoStart: "true",
          deviceType: this.#text("Properties/Model"),
          serialNumber: this.#text("Properties/Serial"),
        });
      case "magicBox getSoftwareVersion":
        return table({ version: this.#text("Properties/Firmware") });
      case "global getCurrentTime":
        return table({ result: formatLocalTime(this.#clock.now(), CHINA_minutes) });
      case "storageDevice getDeviceAllInfo":
        return this.profile.recorder === true ? this.#storage() : undefined;
      case "snapshot":
        return this.profile.snapshot === true ? { type: "image/jpeg", body: this.#picture() } : undefined;
      default:
        return this.profile.access === true ? this.#serveDoor(path, action, query) : undefined;
    }
  }

  #serveDoor(path: string, action: string, query: URLSearchParams): Served | undefined {
    switch (action) {
      case "getDoorStatus":
        return table({ "Info.status": this.#doorStatus() });
      case "openDoor":
        return this.#obey(() => this.#unlock());
      case "closeDoor":
        return this.#obey(() => this.#values.set("Door/Unlocked", false));
      case "getConfig":
        return table({
          "table.AccessControl[0].State": STATES[String(this.get("Door/Mode"))] ?? "Normal",
          "table.AccessControl[0].UnlockHoldInterval": String(UNLOCK_ms),
        });
      case "setConfig": {
        const mode = Object.entries(STATES).find(
          ([, state]) => state === query.get("AccessControl[0].State"),
        );
        if (mode === undefined) return { status: 400, type: "text/plain", body: "Error\r\nBad Request!\r\n" };
        return this.#obey(() => this.#setMode(mode[0]));
      }
      case "find":
        return path.endsWith("recordFinder.cgi") ? this.#find(query) : undefined;
      default:
        return undefined;
    }
  }

  #obey(act: () => void): Served {
    if (this.#fault !== "not-done") act();
    return { type: "text/plain", body: "OK\r\n" };
  }

  #unlock(): void {
    this.#values.set("Door/Unlocked", true);
    this.#log({ CardNo: "", Door: 0, ErrorCode: 0, Method: 4, Status: 1, Type: "", UserID: "" });
    clearTimeout(this.#relock);
    this.#relock = setTimeout(() => this.#values.set("Door/Unlocked", false), UNLOCK_ms);
  }

  #setMode(mode: string): void {
    this.#values.set("Door/Mode", mode);
    this.#values.set("Door/Unlocked", mode === "unlocked");
  }

  #doorStatus(): string {
    if (this.#fault === "sentinel") return "Unknown";
    if (this.get("Door/Forced") === true) return "Break";
    return this.get("Door/Open") === true ? "Open" : "Close";
  }

  #begin(response: ServerResponse): "stream" {
    this.#server.stream(response, `multipart/x-mixed-replace; boundary=${BOUNDARY}`);
    if (this.#fault !== "replay") return "stream";
    for (const { CreateTime } of this.#rows.slice(-REPLAYED)) {
      const text = `Code=AccessControl;action=Pulse;index=0;data={"Door":0,"UTC":${CreateTime}}`;
      this.#server.sendTo(response, part(Buffer.from(text)));
    }
    return "stream";
  }

  #indexes(code: string): Served {
    const topic = this.profile.topics.find((each) => each.code === code);
    const lasting = [...this.#values]
      .filter(([metric, value]) => value === true && familyOf(metric).family === topic?.metric)
      .map(([metric]) => familyOf(metric).channel - 1);
    if (lasting.length === 0) return { status: 400, type: "text/plain", body: "Error: No Events\r\n" };
    return table(Object.fromEntries(lasting.map((index, i) => [`channels[${i}]`, String(index)])));
  }

  #find(query: URLSearchParams): Served {
    const from = Number(query.get("StartTime"));
    const to = Number(query.get("EndTime"));
    const count = Number(query.get("count") ?? 1_000);
    const found = this.#rows.filter((row) => row.CreateTime >= from && row.CreateTime <= to).slice(0, count);
    const lines = found.flatMap(({ CreateTime, RecNo, fields }, i) =>
      Object.entries({ ...fields, CreateTime, RecNo }).map(([key, value]) => `records[${i}].${key}=${value}`),
    );
    const text = Buffer.from(`found=${found.length}\r\n${lines.join("\r\n")}\r\n`);
    const name = Buffer.concat([Buffer.from("records[0].CardName="), CUT_NAME, Buffer.from("\r\n")]);
    return {
      type: "text/plain;charset=utf-8",
      body: this.#fault === "mislabelled-text" ? Buffer.concat([text, name]) : text,
    };
  }

  #storage(): Served {
    const used = this.get("Recording/DiskFull") === true ? DISK_BYTES : DISK_BYTES / 2;
    return table({
      "list.info[0].Detail[0].IsError": String(this.get("Recording/DiskFault")),
      "list.info[0].Detail[0].Path": "/mnt/dvr/sda0",
      "list.info[0].Detail[0].TotalBytes": String(DISK_BYTES),
      "list.info[0].Detail[0].UsedBytes": String(used),
      "list.info[0].Name": "/dev/sda",
      "list.info[0].State": "Success",
    });
  }

  #picture(): Uint8Array {
    return takePicture({
      time_ms: this.#clock.now(),
      motion: this.get("Motion/Active") === true,
      loss: this.get("Video/Loss") === true,
      tamper: this.get("Video/Tamper") === true,
    });
  }

  #text(metric: MetricName): string {
    return String(this.get(metric));
  }
}

const STATES: Readonly<Record<string, string>> = {
  controlled: "Normal",
  unlocked: "OpenAlways",
  locked: "CloseAlways",
};

function keyOf(names: Readonly<Record<number, string>>, name: SampleValue | undefined): number | undefined {
  const key = Object.keys(names).find((each) => names[Number(each)] === name);
  return key === undefined ? undefined : Number(key);
}

function table(lines: Readonly<Record<string, string>>): Served {
  const body = Object.entries(lines).map(([key, value]) => `${key}=${value}\r\n`);
  return { type: "text/plain;charset=utf-8", body: body.join("") };
}

function part(body: Uint8Array): Uint8Array {
  const header = `--${BOUNDARY}\r\nContent-Type: text/plain\r\nContent-Length:${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(header), body, Buffer.from("\r\n\r\n")]);
}
