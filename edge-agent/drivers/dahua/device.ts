/** The tables of one Dahua device, and its clock. */
import {
  DAHUA_PATHS,
  parseLocalTime,
  parseTable,
  type Table,
} from "@campus-ops/device-profiles/codecs/dahua";
import { type DeviceTarget, type DriverEnvironment, DriverError } from "../driver.ts";
import { HttpClient, type HttpLimits } from "../http/client.ts";

/** The time is told in whole seconds: a smaller offset is none. */
const CLOCK_RESOLUTION_ms = 1_000;
const CHINA_minutes = 480;

/** What is not there, or not now, is answered with `Error` and a reason, whatever the status. */
function explained(body: Uint8Array): { readonly unsupported: boolean; readonly says: string } | undefined {
  const text = new TextDecoder().decode(body.subarray(0, 200)).trim();
  if (!/^Error/i.test(text)) return undefined;
  const says = text.replace(/\s+/g, " ");
  return { unsupported: /not\s*(?:support|implement)|bad request/i.test(says), says };
}

export class DahuaDevice {
  readonly client: HttpClient;
  readonly #environment: DriverEnvironment;
  readonly #zone_minutes: number;
  /** The device's clock minus ours. */
  clockOffset_ms = 0;
  /** What event times are corrected by. */
  eventOffset_ms = 0;

  constructor(target: DeviceTarget, limits: HttpLimits, environment: DriverEnvironment) {
    this.client = new HttpClient(target, limits, explained);
    this.#environment = environment;
    this.#zone_minutes = zoneOf(target.url);
  }

  async get(path: string, signal: AbortSignal): Promise<Table> {
    const { body } = await this.client.ask(path, {}, signal);
    const table = parseTable(body);
    if (table.size > 0) return table;
    const refusal = explained(body);
    if (refusal === undefined) throw this.client.garbage(`answers ${path} with no table`);
    const kind = refusal.unsupported ? "unsupported" : "device-exception";
    throw new DriverError(kind, `${this.client.host} answers ${path} with “${refusal.says}”`, {
      retry: !refusal.unsupported,
    });
  }

  /** A command, which is answered with OK. */
  async command(path: string, signal: AbortSignal): Promise<void> {
    const { body } = await this.client.ask(path, {}, signal);
    const says = body.toString("utf8", 0, 100).trim();
    if (/^OK$/i.test(says)) return;
    throw new DriverError("device-exception", `${this.client.host} refuses a command: “${says}”`, {
      retry: false,
    });
  }

  async readClock(signal: AbortSignal): Promise<void> {
    const before = this.#environment.now();
    const time = parseLocalTime((await this.get(DAHUA_PATHS.time, signal)).get("result"), this.#zone_minutes);
    const after = this.#environment.now();
    if (time === undefined) throw this.client.garbage("tells no time");
    const offset = time + CLOCK_RESOLUTION_ms / 2 - (before + after) / 2;
    this.clockOffset_ms = Math.abs(offset) <= CLOCK_RESOLUTION_ms ? 0 : offset;
    const uncertainty_ms = (Math.max(0, after - before) + CLOCK_RESOLUTION_ms) / 2;
    const measured = { offset_ms: this.clockOffset_ms, uncertainty_ms };
    this.eventOffset_ms = this.#environment.clockOffset?.(measured) ?? this.clockOffset_ms;
  }
}

/** These devices tell local time and not where: `?zone=+08:00`, and China's where nothing is said. */
function zoneOf(url: URL): number {
  // A plus that is not escaped is a space in a query.
  const text = url.searchParams.get("zone")?.trim();
  if (text === undefined) return CHINA_minutes;
  const match = /^([+-]?)(\d{2}):?(\d{2})$/.exec(text);
  if (match === null) {
    throw new DriverError("unsupported", `${url.href}: a zone reads +08:00`, { retry: false });
  }
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
}
