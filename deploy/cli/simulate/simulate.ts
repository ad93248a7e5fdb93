/** `campus-ops simulate`: devices over their real protocols on loopback, to rehearse a site without having them. */
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { OperatorError } from "@campus-ops/service";
import type { World } from "../../simulators/world.ts";
import { CONSOLE_HELP, obey } from "./console.ts";
import { devicesYaml, planOfProfiles, planOfSite, rehearsalFile, rehearsalOf, startSite } from "./site.ts";

export interface SimulateOptions {
  /** Ids of profiles, or files that hold one. */
  readonly profiles: readonly string[];
  /** An edge agent's configuration whose devices are played, in place of profiles. */
  readonly site: string | undefined;
  /** Port of the first profile, 0 for free ones. */
  readonly port: number;
  readonly language: Language;
}

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly print: (text: string) => void;
  /** Ends the rehearsal. */
  readonly signal: AbortSignal;
}

/** Runs until it is asked to stop, by a signal or a word. What ends with its input goes on without. */
export async function simulate(options: SimulateOptions, terminal: Terminal): Promise<void> {
  const { language, site } = options;
  const { input, print, signal } = terminal;
  const world =
    site === undefined ? await playProfiles(options, print) : await playSite(site, language, print);
  try {
    print(
      language === "zh" ? "输入 help 查看命令，Ctrl-C 结束" : "help lists what can be typed; Ctrl-C ends",
    );
    await converse(world, language, input, print, signal);
  } finally {
    await world.close();
  }
}

async function playProfiles(
  { port, profiles }: SimulateOptions,
  print: (text: string) => void,
): Promise<World> {
  if (profiles.length === 0) throw new OperatorError("name a profile to play, or --site edge.yaml");
  const plans = planOfProfiles(profiles, port);
  const world = await startSite(plans);
  print(devicesYaml(plans, world));
  return world;
}

async function playSite(file: string, language: Language, print: (text: string) => void): Promise<World> {
  const world = await startSite(planOfSite(file));
  const written = rehearsalFile(file);
  writeFileSync(written, rehearsalOf(file, world));
  for (const { key, profile, url } of world.list()) print(`${key}  ${profile}  ${url}`);
  print(
    language === "zh"
      ? `已写入 ${written}；启动采集程序：CAMPUS_OPS_CONFIG=${written}`
      : `wrote ${written}; start the agent with CAMPUS_OPS_CONFIG=${written}`,
  );
  return world;
}

async function converse(
  world: World,
  language: Language,
  input: NodeJS.ReadableStream,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  const lines = createInterface({ input });
  const typed = (async () => {
    for await (const line of lines) {
      const answer = line.trim() === "help" ? CONSOLE_HELP[language] : await obey(line, world, language);
      if (answer === undefined) return;
      if (answer !== "") print(answer);
    }
    // Its input ended, as in a service: it goes on until it is stopped.
    await ended;
  })();
  await Promise.race([typed, ended]);
  lines.close();
}
