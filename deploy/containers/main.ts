/**
 * `npm run containers -- [--refresh] [scale-out] [one-host]`: composition root. Builds the images that those files of
 * `deploy/compose` ask for, both unless one is named, starts them in a network that nobody else sees, and tries them. Needs root;
 * everything is kept below `dist/containers`.
 */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { composeImages, ONE_HOST, SCALE_OUT } from "./trial/compose-file.ts";
import { ComposeProject } from "./trial/compose-project.ts";
import { Engine } from "./trial/engine.ts";
import { makeImages } from "./trial/images.ts";
import { oneHostTrial } from "./trial/one-host.ts";
import { scaleOutTrial } from "./trial/scale-out.ts";

const TRIALS = {
  "scale-out": { file: SCALE_OUT, trial: scaleOutTrial },
  "one-host": { file: ONE_HOST, trial: oneHostTrial },
};

const FOLDER = join(resolve(import.meta.dirname, "../.."), "dist/containers");
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    /** Our images anew, from what is committed. */
    refresh: { type: "boolean", default: false },
    /** Set by itself, in the network of its own. */
    inside: { type: "boolean", default: false },
  },
});
const unknown = positionals.find((name) => !Object.hasOwn(TRIALS, name));
if (unknown !== undefined) throw new Error(`${unknown} is none of ${Object.keys(TRIALS).join(", ")}`);
const asked = Object.entries(TRIALS).filter(
  ([name]) => positionals.length === 0 || positionals.includes(name),
);

const begun = performance.now();
const say = (step: string): void => {
  console.log(`${((performance.now() - begun) / 1_000).toFixed(1).padStart(7)} s  ${step}`);
};

const engine = new Engine(FOLDER);
if (values.inside) {
  for (const [name, { file, trial }] of asked) {
    say(`${file}:`);
    const project = new ComposeProject(engine, { folder: join(FOLDER, "compose"), name, file });
    try {
      await trial(project, say);
    } catch (error) {
      project.tell();
      throw error;
    } finally {
      project.down();
    }
  }
} else {
  makeImages(engine, composeImages(asked.map(([, { file }]) => file)), {
    folder: FOLDER,
    onStep: (image) => say(`made now: ${image}`),
    refreshed: values.refresh,
  });
  const words = [process.execPath, import.meta.filename, "--inside", ...asked.map(([name]) => name)];
  const again = `ip link set lo up && exec ${words.map((word) => `"${word}"`).join(" ")}`;
  process.exitCode = spawnSync("unshare", ["--net", "sh", "-c", again], { stdio: "inherit" }).status ?? 1;
}
