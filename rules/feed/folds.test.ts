import { setTimeout as wait } from "node:timers/promises";
import type { DecodedEntry, JournalEntry, ReadJournal } from "@campus-ops/broker/journal";
import { createLog, createMetrics } from "@campus-ops/service";
import { expect, onTestFinished, test } from "vitest";
import { type Fold, followForFolds } from "./folds.ts";

const ENTRIES = 3_000;
const entry = (seq: number): JournalEntry => ({
  seq,
  receivedAt: 1_790_000_000_000 + seq,
  kind: "CLOCK",
  payload: new Uint8Array(),
});

/** Begins to fold three batches of a journal; tells what happened in which order. */
function follow(yields: () => boolean): { readonly events: string[]; readonly done: Promise<void> } {
  const events: string[] = [];
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const journal: ReadJournal = {
    read: async (after, limit) => {
      if (after < ENTRIES) events.push(`read after ${after}`);
      return Array.from({ length: Math.min(limit, ENTRIES - after) }, (_, index) => entry(after + index + 1));
    },
    births: async () => [],
    bounds: async () => ({ first: 1, last: ENTRIES }),
    waitFor: (_, signal) => {
      finish();
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
    },
  };
  const fold: Fold = {
    name: "a count",
    position: { seq: 0, now: 0 },
    add: ({ seq }: DecodedEntry) => {
      if (seq === ENTRIES) events.push("all added");
    },
    commit: () => undefined,
    retain: () => 0,
    close: () => undefined,
  };
  const folds = followForFolds({
    folds: [fold],
    journal,
    metrics: createMetrics("rules"),
    log: createLog("rules", "silent"),
    onFailure: (error) => events.push(String(error)),
    yields,
  });
  onTestFinished(() => folds.stop());
  return { events, done };
}

test("figures give way to alarms that are behind, and are folded all the same", async () => {
  const { events, done } = follow(() => true);
  const others = (async () => {
    await wait(1);
    events.push("others had a turn");
  })();
  await Promise.all([others, done]);
  expect(events).toEqual([
    "read after 0",
    "others had a turn",
    "read after 1024",
    "read after 2048",
    "all added",
  ]);
});
