/** A box whose disk holds nothing, and a stick: nobody types, and nothing is erased that nobody has named. */
import { strict as assert } from "node:assert";
import { statSync } from "node:fs";
import { REPORT_FILE } from "../box/core/install-report.ts";
import { type Found, markedGood, stopwatch } from "./steps.ts";
import type { Trial } from "./trial.ts";
import { VERSIONS } from "./trial-images.ts";

export async function stickInstalls(trial: Trial): Promise<Found> {
  await trial.blank();
  const stick = await trial.installingStick();
  const start = async (): Promise<string> => {
    await trial.box({ stick, startsFromStick: true }).switchedOff();
    await trial.cutPower();
    return trial.onInstallingStick(stick, REPORT_FILE);
  };
  const watch = stopwatch();
  assert.match(await start(), /Code: done/);
  const seconds: Record<string, number> = { "written and off": watch() };
  // Each box needs a seed of its own.
  assert.throws(() => trial.onInstallingStick(stick, "edge.conf"));

  const written = statSync(trial.disk).mtimeMs;
  assert.match(await start(), /Code: asked[\s\S]*ERASE-/);
  assert.equal(statSync(trial.disk).mtimeMs, written);

  const begun = stopwatch();
  const box = trial.box();
  await trial.readsAgain();
  seconds["first reading at the hub, from the disk"] = begun();
  assert.match(await box.must("cat /media/EDGECFG/*STATUS.txt"), /Code: enrolled/);
  const { running } = await trial.settled();
  assert.deepEqual(running, { slot: "A", version: VERSIONS.first });
  await markedGood(trial, "A");
  const size = Number(await box.must("lsblk -bno SIZE /dev/disk/by-partlabel/data"));
  assert.ok(size > 3 * 1024 ** 3, `the data partition has ${size} bytes`);
  return {
    became: "writes the disk and switches off; asks before it erases; the box enrols and reads",
    seconds,
  };
}
