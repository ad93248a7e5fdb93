/** The store: the real projection of samples to points, on a simulated disk that keeps every write. */
import type { DecodedEntry } from "@campus-ops/broker/journal/decoder";
import { addressKey } from "@campus-ops/device-profiles/vocabulary";
import { collectPoints, type SamplePoint } from "@campus-ops/ingest/core/points";
import type { SimulatedDisk, Table } from "./disk.ts";
import type { Pieces } from "./world.ts";

/** As the real projection: by the journal's clock. */
const WRITE_MS = 1_000;

interface StoreTables {
  /** In the order in which they were written; the real store keeps the last of a series and time. */
  readonly points: Table<number, SamplePoint>;
  readonly checkpoint: Table<"seq", number>;
}

export class StoreCopy {
  readonly #disk: SimulatedDisk;
  readonly #tables: StoreTables;
  readonly #pieces: Pieces;
  #points: SamplePoint[] = [];
  #since: number | undefined;

  static tables(disk: SimulatedDisk): StoreTables {
    return { points: disk.table(), checkpoint: disk.table() };
  }

  constructor(disk: SimulatedDisk, tables: StoreTables, pieces: Pieces) {
    this.#disk = disk;
    this.#tables = tables;
    this.#pieces = pieces;
  }

  checkpoint(): number {
    return this.#tables.checkpoint.get("seq") ?? 0;
  }

  take(entry: DecodedEntry): void {
    if (entry.address !== undefined) collectPoints(entry, addressKey(entry.address), this.#points);
    this.#since ??= entry.receivedAt;
    if (entry.receivedAt - this.#since >= WRITE_MS) this.commit(entry.seq);
  }

  commit(seq: number): void {
    const { points, checkpoint } = this.#tables;
    this.#pieces.commit(
      this.#disk,
      () => {
        for (const point of this.#points) points.put(points.size, point);
      },
      () => checkpoint.put("seq", seq),
    );
    this.#points = [];
    this.#since = undefined;
  }

  points(): readonly SamplePoint[] {
    return [...this.#tables.points.values()];
  }
}
