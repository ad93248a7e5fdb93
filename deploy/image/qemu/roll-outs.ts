/** Hub and box together: a bundle is brought to the console, goes to the box in a wave, and what became of it is read there. */
import { strict as assert } from "node:assert";
import type { BoxProgress, RollOut } from "@campus-ops/dashboards/updates";
import { eventually } from "../../testing/awaiting.ts";
import type { UpdatesConsole } from "../../updates/testing/updates-console.ts";
import { COME_MS_MAX, type Found, markedGood, stopwatch } from "./steps.ts";
import type { Trial } from "./trial.ts";
import { BOX } from "./trial-hub.ts";
import { VERSIONS } from "./trial-images.ts";

const LOOK_MS = 2_000;

export async function rollOutHolds(trial: Trial): Promise<Found> {
  const before = await trial.settled();
  const { comesTo, seconds, watch } = await begun(trial, trial.images.bundles["roll-out"]);
  const believed = await comesTo("settles or fails", ({ step }) => step === "settling" || step === "failed");
  assert.equal(believed.box.step, "settling", JSON.stringify(believed));
  seconds.believed = watch();
  const { running, state } = await trial.update();
  assert.deepEqual([state, running.version], ["done", VERSIONS["roll-out"]]);
  assert.notEqual(running.slot, before.running.slot);
  await markedGood(trial, running.slot);
  await trial.readsAgain();
  const good = await comesTo("is good", ({ step }) => step === "good" || step === "failed");
  assert.equal(good.box.step, "good", JSON.stringify(good));
  assert.equal(good.rollOut.state, "done");
  seconds["wave over"] = watch();
  return {
    became: `fetched from the hub, runs from ${running.slot}, held for ten minutes: the wave is over`,
    seconds,
  };
}

export async function rollOutFails(trial: Trial): Promise<Found> {
  const before = await trial.settled();
  const { comesTo, console, seconds, watch } = await begun(trial, trial.images.bundles["bad-agent"]);
  const { box, rollOut } = await comesTo(
    "fails or settles",
    ({ step }) => step === "settling" || step === "failed",
  );
  assert.equal(box.step, "failed", JSON.stringify(rollOut));
  seconds["told at the console"] = watch();
  const { code, message, running, state } = await trial.update();
  assert.deepEqual([state, code, running], ["rolled-back", "agent-unstable", before.running]);
  assert.deepEqual(box.reason, message);
  // One of nineteen at most is one too many: nobody else would get it.
  assert.equal(rollOut.state, "stopped");
  await markedGood(trial, running.slot);
  await trial.readsAgain();
  await console.act(rollOut.id, "cancel");
  return {
    became: `back to ${running.version}; the roll-out has stopped, and the console says why: ${box.reason?.en}`,
    seconds,
  };
}

interface Seen {
  readonly rollOut: RollOut;
  readonly box: BoxProgress;
}

/** Brings a bundle to the console and has the box begin; whatever an earlier trial has left there is called off. */
async function begun(trial: Trial, file: string) {
  const console: UpdatesConsole = await trial.hub.console();
  await console.callOff();
  const watch = stopwatch();
  const bundle = await console.upload(file);
  const seconds: Record<string, number> = { "brought and judged": watch() };
  const { id } = await console.rollOut(bundle, [BOX]);
  const comesTo = async (what: string, isIt: (box: BoxProgress) => boolean): Promise<Seen> => {
    let last: BoxProgress | undefined;
    return await eventually(
      `the roll-out ${what}`,
      async () => {
        const rollOut = await console.look(id);
        const box = rollOut.boxes.find((each) => each.box === BOX);
        last = box;
        if (box !== undefined && isIt(box)) return { rollOut, box };
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        return undefined;
      },
      COME_MS_MAX,
    ).catch((error: unknown) => {
      throw new Error(`it was ${JSON.stringify(last)} in the end`, { cause: error });
    });
  };
  await comesTo(
    "is fetched",
    ({ stage, step }) => /^(installing|restarting|away)/.test(stage) || step === "failed",
  );
  seconds.fetched = watch();
  return { comesTo, console, seconds, watch };
}
