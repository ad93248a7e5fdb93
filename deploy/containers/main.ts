/**
 * `npm run containers -- [--refresh]`: composition root. Builds the images of `deploy/compose/scale-out.yaml`, starts it in a network
 * that nobody else sees, and tries it. Needs root; everything is kept below `dist/containers`.
 */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { composeTrial } from "./trial/compose.ts";
import { composeImages } from "./trial/compose-file.ts";
import { Engine } from "./trial/engine.ts";
import { makeImages } from "./trial/images.ts";

const FOLDER = join(resolve(import.meta.dirname, "../.."), "dist/containers");
const { values } = parseArgs({
  options: {
    /** Our images anew, from what is committed. */
    refresh: { type: "boolean", default: false },
    /** Set by itself, in the network of its own. */
    inside: { type: "boolean", default: false },
  },
});

const begun = performance.now();
const say = (step: string): void => {
  console.log(`${((performance.now() - begun) / 1_000).toFixed(1).padStart(7)} s  ${step}`);
};

const engine = new Engine(FOLDER);
if (values.inside) await composeTrial(engine, join(FOLDER, "compose"), say);
else {
  makeImages(engine, composeImages(), {
    folder: FOLDER,
    onStep: (image) => say(`made now: ${image}`),
    refreshed: values.refresh,
  });
  const again = `ip link set lo up && exec "${process.execPath}" "${import.meta.filename}" --inside`;
  process.exitCode = spawnSync("unshare", ["--net", "sh", "-c", again], { stdio: "inherit" }).status ?? 1;
}
