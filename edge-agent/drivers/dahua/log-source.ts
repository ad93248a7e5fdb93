/** The log of a Dahua access controller. */
import {
  DAHUA_PATHS,
  type DahuaAccessRecord,
  parseAccessRecords,
} from "@campus-ops/device-profiles/codecs/dahua";
import type { LogRecord } from "@campus-ops/device-profiles/profiles/access-log";
import { dahuaMark, readDahuaRecord } from "@campus-ops/device-profiles/profiles/dahua-profile";
import type { Reading, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DriverEnvironment } from "../driver.ts";
import { type AccessLogSource, RECORDS_MAX } from "../http/access-log.ts";
import type { DahuaDevice } from "./device.ts";

export class DahuaLogSource implements AccessLogSource<DahuaAccessRecord> {
  readonly #device: DahuaDevice;
  readonly #door: number;
  readonly #environment: DriverEnvironment;
  /** When this door was unlocked last, by our clock, as the log says. */
  unlockedAt: Timestamp | undefined;

  constructor(device: DahuaDevice, door: number, environment: DriverEnvironment) {
    this.#device = device;
    this.#door = door;
    this.#environment = environment;
  }

  deviceNow(): Timestamp {
    return this.#environment.now() + this.#device.clockOffset_ms;
  }

  async search(
    from: Timestamp,
    to: Timestamp,
    mayBeHalved: boolean,
    signal: AbortSignal,
  ): Promise<readonly LogRecord<DahuaAccessRecord>[] | undefined> {
    const [begin, end] = [Math.max(0, Math.floor(from / 1_000)), Math.ceil(to / 1_000)];
    const path = DAHUA_PATHS.accessRecords(begin, end, RECORDS_MAX);
    const table = await this.#device.get(path, signal);
    const found = Number(table.get("found") ?? Number.NaN);
    if (!Number.isInteger(found)) throw this.#device.client.garbage("answers a search of its log otherwise");
    if (mayBeHalved && found >= RECORDS_MAX) return undefined;
    return parseAccessRecords(table).map((content) => ({
      serial: content.recNo,
      mark: dahuaMark(content, this.#environment.pseudonym),
      time: content.time,
      content,
    }));
  }

  read(record: DahuaAccessRecord, id: string): Pick<Reading, "samples" | "events"> {
    if (record.door !== undefined && record.door !== this.#door - 1) return { samples: [], events: [] };
    const event = readDahuaRecord(record, id, {
      receivedAt: this.#environment.now(),
      clockOffset_ms: this.#device.eventOffset_ms,
      pseudonym: this.#environment.pseudonym,
    });
    if (record.granted) this.unlockedAt = Math.max(this.unlockedAt ?? 0, event.eventTime);
    return { samples: [], events: [event] };
  }
}
