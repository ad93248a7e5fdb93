/** The documents of one ISAPI device, and its clock. */
import {
  ISAPI_PATHS,
  type IsapiClock,
  parseResponseStatus,
  parseTime,
} from "@campus-ops/device-profiles/codecs/isapi";
import {
  type IsapiNode,
  MalformedDocumentError,
  parseIsapi,
} from "@campus-ops/device-profiles/codecs/isapi-document";
import type { DeviceTarget, DriverEnvironment } from "../driver.ts";
import { HttpClient, type HttpLimits } from "../http/client.ts";

/** The time is told in whole seconds: a smaller offset is none. */
const CLOCK_RESOLUTION_ms = 1_000;

/** What a refusal's ResponseStatus says: much that a model does not have is answered with status 403. */
function explained(body: Uint8Array): { readonly unsupported: boolean; readonly says: string } | undefined {
  try {
    const status = parseResponseStatus(parseIsapi(body));
    if (status === undefined) return undefined;
    return { unsupported: /notsupport|methodNotAllowed/i.test(status.subStatus), says: status.subStatus };
  } catch {
    return undefined;
  }
}

export class IsapiDevice {
  readonly client: HttpClient;
  readonly #environment: DriverEnvironment;
  /** The device's clock minus ours. */
  clockOffset_ms = 0;
  /** What event times are corrected by. */
  eventOffset_ms = 0;
  zone_minutes = 0;

  constructor(target: DeviceTarget, limits: HttpLimits, environment: DriverEnvironment) {
    this.client = new HttpClient(target, limits, explained);
    this.#environment = environment;
  }

  async get(path: string, signal: AbortSignal): Promise<IsapiNode> {
    return this.#parse((await this.client.ask(path, {}, signal)).body, path);
  }

  async send(method: "POST" | "PUT", path: string, body: string, signal: AbortSignal): Promise<IsapiNode> {
    const contentType = body.startsWith("<") ? "application/xml" : "application/json";
    return this.#parse((await this.client.ask(path, { method, body, contentType }, signal)).body, path);
  }

  async readClock(signal: AbortSignal): Promise<IsapiClock> {
    const before = this.#environment.now();
    const clock = parseTime(await this.get(ISAPI_PATHS.time, signal));
    const after = this.#environment.now();
    if (clock === undefined) throw this.client.garbage("tells no time");
    const offset = clock.time + CLOCK_RESOLUTION_ms / 2 - (before + after) / 2;
    this.zone_minutes = clock.zone_minutes;
    this.clockOffset_ms = Math.abs(offset) <= CLOCK_RESOLUTION_ms ? 0 : offset;
    const uncertainty_ms = (Math.max(0, after - before) + CLOCK_RESOLUTION_ms) / 2;
    const measured = { offset_ms: this.clockOffset_ms, uncertainty_ms };
    this.eventOffset_ms = this.#environment.clockOffset?.(measured) ?? this.clockOffset_ms;
    return clock;
  }

  #parse(body: Buffer, path: string): IsapiNode {
    try {
      return parseIsapi(body);
    } catch (error) {
      if (!(error instanceof MalformedDocumentError)) throw error;
      throw this.client.garbage(`answers ${path} with neither XML nor JSON`, error);
    }
  }
}
