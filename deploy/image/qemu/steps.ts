/** What scenarios have in common: what is waited for, and what a box has to be like afterwards. */
import { strict as assert } from "node:assert";
import { eventually } from "../../testing/awaiting.ts";
import type { Trial } from "./trial.ts";

export interface Found {
  /** What became of it, for the matrix. */
  readonly became: string;
  /** Seconds, by what was measured. */
  readonly seconds?: Readonly<Record<string, number>>;
}

/** From power, or from an update's beginning, to what it leads to, where nothing is quick. */
export const COME_MS_MAX = 1_200_000;

/** Installs what is not good; the box comes back by itself. */
export async function rollsBack(trial: Trial, bundle: string) {
  const before = await trial.settled();
  const file = await trial.bring(bundle);
  const box = trial.box();
  const starts = box.starts;
  const watch = stopwatch();
  const { code, text } = await trial.install(file);
  assert.equal(code, 0, text);
  const seconds: Record<string, number> = { installed: watch() };
  await box.startedAnew(starts);
  const update = await trial.comesTo("rolled-back", "done");
  seconds.back = watch();
  assert.equal(update.state, "rolled-back", JSON.stringify(update));
  assert.deepEqual(update.running, before.running);
  await trial.readsAgain();
  return { update, seconds, slots: box.slots.slice(starts) };
}

/** RAUC and GRUB agree that a slot is good: its attempts count from the beginning. */
export async function markedGood(trial: Trial, slot: string): Promise<void> {
  await eventually(
    `${slot} is marked good`,
    async () => {
      const variables = await trial.box().must("grub-editenv /efi/grub/grubenv list");
      return variables.includes(`${slot}_OK=1`) && variables.includes(`${slot}_TRY=0`) ? true : undefined;
    },
    COME_MS_MAX,
  );
}

export async function untouched(trial: Trial): Promise<void> {
  const { running } = await trial.update();
  await markedGood(trial, running.slot);
  await trial.readsAgain();
}

/** Something of it has been written to the other slot. */
export async function written(trial: Trial): Promise<void> {
  await eventually(
    "the slot is written",
    async () => {
      const { percent = 0, state } = await trial.update();
      if (state === "failed" || state === "restarting") throw new Error(`it is ${state} already`);
      return state === "installing" && percent >= 40 ? true : undefined;
    },
    COME_MS_MAX,
  );
}

export function stopwatch(): () => number {
  const begun = performance.now();
  return () => Math.round((performance.now() - begun) / 1_000);
}
