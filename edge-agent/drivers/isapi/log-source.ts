/** The log of an ISAPI access controller. */
import {
  type AccessRecord,
  acsEventSearch,
  formatDeviceTime,
  ISAPI_PATHS,
  parseAcsEvents,
  parseDeviceTime,
} from "@campus-ops/device-profiles/codecs/isapi";
import type { LogRecord } from "@campus-ops/device-profiles/profiles/access-log";
import { markOf, readAccessRecord } from "@campus-ops/device-profiles/profiles/isapi-access";
import type { IsapiAccess } from "@campus-ops/device-profiles/profiles/isapi-profile";
import type { Reading, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DriverEnvironment } from "../driver.ts";
import { type AccessLogSource, RECORDS_MAX } from "../http/access-log.ts";
import type { IsapiDevice } from "./device.ts";

const PAGE_RECORDS = 30;
const SEARCH_ID = "campus-ops";

export class IsapiLogSource implements AccessLogSource<AccessRecord> {
  readonly #device: IsapiDevice;
  readonly #access: IsapiAccess;
  readonly #door: number;
  readonly #environment: DriverEnvironment;

  constructor(device: IsapiDevice, access: IsapiAccess, door: number, environment: DriverEnvironment) {
    this.#device = device;
    this.#access = access;
    this.#door = door;
    this.#environment = environment;
  }

  deviceNow(): Timestamp {
    return this.#environment.now() + this.#device.clockOffset_ms;
  }

  recordOf(content: AccessRecord): LogRecord<AccessRecord> {
    return {
      serial: content.serial,
      mark: markOf(content, this.#environment.pseudonym),
      time: parseDeviceTime(content.time, this.#device.zone_minutes),
      content,
    };
  }

  async search(
    from: Timestamp,
    to: Timestamp,
    mayBeHalved: boolean,
    signal: AbortSignal,
  ): Promise<readonly LogRecord<AccessRecord>[] | undefined> {
    const zone = this.#device.zone_minutes;
    const times = [formatDeviceTime(from, zone), formatDeviceTime(to, zone)] as const;
    const records: LogRecord<AccessRecord>[] = [];
    for (let position = 0; ; ) {
      const body = acsEventSearch(SEARCH_ID, position, PAGE_RECORDS, ...times);
      const page = parseAcsEvents(await this.#device.send("POST", ISAPI_PATHS.acsEvent, body, signal));
      if (page === undefined) {
        throw this.#device.client.garbage("answers a search of its log with something else");
      }
      if (mayBeHalved && page.totalMatches > RECORDS_MAX) return undefined;
      records.push(...page.records.map((record) => this.recordOf(record)));
      position += page.entries;
      if (!page.more || page.entries === 0 || position > 2 * RECORDS_MAX) return records;
    }
  }

  read(record: AccessRecord, id: string, live: boolean): Pick<Reading, "samples" | "events"> {
    return readAccessRecord(record, id, {
      access: this.#access,
      door: this.#door,
      zone_minutes: this.#device.zone_minutes,
      live,
      receivedAt: this.#environment.now(),
      clockOffset_ms: this.#device.eventOffset_ms,
      pseudonym: this.#environment.pseudonym,
    });
  }
}
