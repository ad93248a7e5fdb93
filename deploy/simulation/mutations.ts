/**
 * Six bugs, planted one at a time where the world is put together, so that it is known that the invariants would notice
 * them. Production code knows nothing of this.
 */

import { DATA_CLASSES } from "@campus-ops/device-profiles/vocabulary";
import type { RecordMedium } from "@campus-ops/edge-agent/core/outbox-queue";
import type { EncodedRecord } from "@campus-ops/edge-agent/core/record";
import type { Invariant } from "./invariants.ts";
import type { Pieces } from "./world.ts";

export interface Mutation {
  readonly name: string;
  readonly pieces: Partial<Pieces>;
  /** Any of these is how it must come to light. */
  readonly caughtBy: readonly Invariant[];
}

/** Duplicates of older records are not recognised. */
const WINDOW_RECORDS = 8;

export const MUTATIONS: readonly Mutation[] = [
  {
    name: "acknowledge-before-commit",
    caughtBy: ["durable"],
    pieces: {
      journal: (journal) => ({
        received: journal.received,
        append: (entries) => {
          journal.append(entries).catch(() => undefined);
          return Promise.resolve(0);
        },
      }),
    },
  },
  {
    name: "checkpoint-apart-from-output",
    caughtBy: ["alarms", "store", "registry"],
    pieces: {
      commit: (disk, output, checkpoint) => {
        disk.transaction(output);
        disk.sync();
        disk.transaction(checkpoint);
        disk.sync();
      },
    },
  },
  {
    name: "short-de-duplication-window",
    caughtBy: ["once"],
    pieces: {
      received: (ranges) => ({
        knows: (node) => ranges.knows(node),
        runsOf: (node, epoch) => ranges.runsOf(node, epoch),
        has: (node, range) => {
          const newest = Math.max(0, ...ranges.runsOf(node, range.epoch).map(({ last }) => last));
          return range.last > newest - WINDOW_RECORDS && ranges.has(node, range);
        },
      }),
    },
  },
  {
    name: "drop-on-overflow-without-record",
    caughtBy: ["accounted"],
    pieces: { medium: (file, bytesMax) => new SilentMedium(file, bytesMax) },
  },
  {
    name: "sequence-reused-after-restart",
    caughtBy: ["numbers"],
    pieces: { nextNumber: (_stored, highestWaiting) => highestWaiting + 1 },
  },
  {
    name: "drain-without-priority",
    caughtBy: ["priority"],
    pieces: {
      drainFrom: (queue) => ({
        get epoch() {
          return queue.epoch;
        },
        get recordCount() {
          return queue.recordCount;
        },
        next: (limit, excluded) =>
          queue
            .next(Number.POSITIVE_INFINITY, excluded, DATA_CLASSES)
            .toSorted((a, b) => a.range.first - b.range.first)
            .slice(0, limit),
        acknowledge: (runs) => queue.acknowledge(runs),
      }),
    },
  },
];

/** Makes room by itself before the queue finds that it must, and says nothing of it. */
class SilentMedium implements RecordMedium<EncodedRecord> {
  readonly #file: RecordMedium<EncodedRecord>;
  readonly #bytesMax: number;
  readonly encode: RecordMedium<EncodedRecord>["encode"];
  readonly insert: RecordMedium<EncodedRecord>["insert"];
  readonly settle: RecordMedium<EncodedRecord>["settle"];
  readonly recall: RecordMedium<EncodedRecord>["recall"];
  readonly giveUp: RecordMedium<EncodedRecord>["giveUp"];
  readonly countLost: RecordMedium<EncodedRecord>["countLost"];
  readonly keepCursor: RecordMedium<EncodedRecord>["keepCursor"];
  readonly inOrder: RecordMedium<EncodedRecord>["inOrder"];

  constructor(file: RecordMedium<EncodedRecord>, bytesMax: number) {
    this.#file = file;
    this.#bytesMax = bytesMax;
    this.encode = file.encode.bind(file);
    this.insert = file.insert.bind(file);
    this.settle = file.settle.bind(file);
    this.recall = file.recall.bind(file);
    this.giveUp = file.giveUp.bind(file);
    this.countLost = file.countLost.bind(file);
    this.keepCursor = file.keepCursor.bind(file);
    this.inOrder = file.inOrder.bind(file);
  }

  get epoch() {
    return this.#file.epoch;
  }

  get records() {
    return this.#file.records;
  }

  get bytes() {
    return this.#file.bytes;
  }

  transaction(work: () => void): void {
    this.#file.transaction(() => {
      if (this.bytes.telemetry > this.#bytesMax / 2)
        this.#file.giveUp("telemetry", [...this.inOrder("telemetry")]);
      work();
    });
  }
}
