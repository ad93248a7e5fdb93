/** One back-test, in a thread of its own: the live rules do not notice it. */
import { parentPort, workerData } from "node:worker_threads";
import { type JournalPlace, openReaderAt } from "@campus-ops/broker/journal/place";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Overlay } from "@campus-ops/service";
import { loadConfiguration } from "../configuration.ts";
import { type AlarmDifference, BackTest } from "../core/back-test.ts";
import type { PeopleInput } from "../core/input.ts";
import type { Rule } from "../core/rule.ts";
import { type ReplayProgress, replay } from "./replay.ts";

export interface WorkerTask {
  readonly configuration: string;
  /** Settings in the place of its sections. */
  readonly overlays: readonly Overlay[];
  readonly journal: JournalPlace;
  readonly inForce: readonly Rule[];
  readonly candidate: readonly Rule[];
  readonly actions: readonly PeopleInput[];
  readonly from?: Timestamp;
  readonly to?: Timestamp;
}

export type WorkerMessage =
  | { readonly kind: "progress"; readonly progress: ReplayProgress }
  | { readonly kind: "done"; readonly progress: ReplayProgress; readonly difference: AlarmDifference };

const task = workerData as WorkerTask;
const tell = (message: WorkerMessage): void => parentPort?.postMessage(message);

const { calendar, campusPath, grace_ms } = loadConfiguration(task.configuration, task.overlays);
const { inForce, candidate, actions, from, to } = task;
const test = new BackTest({ inForce, candidate }, { calendar, campusPath, grace_ms });
const journal = await openReaderAt(task.journal, new AbortController().signal, {
  onAway: () => undefined,
  onUnreadable: () => undefined,
});
try {
  const progress = await replay({
    journal,
    actions,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    step: (input) => test.step(input),
    onProgress: (each) => tell({ kind: "progress", progress: each }),
  });
  tell({ kind: "done", progress, difference: test.result() });
} finally {
  await journal.close();
}
