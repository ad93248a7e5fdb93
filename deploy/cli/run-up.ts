/** Runs `up` until somebody asks it to stop. */
import { type Environment, EXIT_CONFIGURATION, serviceManager } from "@campus-ops/service";
import type { DemonstrationOptions } from "../simulators/prepare.ts";
import { openMergedLog } from "./merged-log.ts";
import { isForTheOperator } from "./operator-errors.ts";
import { runFolder } from "./run-folder.ts";
import { type Hub, up } from "./up.ts";

export async function runUp(
  root: string,
  told: Environment,
  config: string | undefined,
  demonstration: DemonstrationOptions | undefined,
): Promise<number> {
  const run = (process.env.CAMPUS_OPS_RUN ?? "") === "" ? runFolder(told.data) : told.run;
  const environment: Environment = { ...told, run };
  const merged = openMergedLog(environment.data, environment.logLevel, process.stderr);
  // npm passes Ctrl-C on although the terminal already did: a second signal changes nothing, the stop is bounded anyway.
  const asked = new Promise<string>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(signal));
  });
  const manager = serviceManager(process.env);
  let hub: Hub | undefined;
  try {
    let signal: string | undefined;
    while (signal === undefined) {
      hub = await up(
        {
          root,
          environment,
          config: config ?? environment.config,
          demonstration,
          print: (line) => console.log(line),
        },
        merged,
      );
      const failed = hub.ready.then(() => {
        manager.ready();
        return new Promise<never>(() => undefined);
      });
      signal = await Promise.race([asked, failed, hub.another.then(() => undefined)]);
      if (signal === undefined) {
        await hub.stop();
        hub = undefined;
      }
    }
    manager.stopping();
    merged.log.info({ signal }, "stopping");
    return 0;
  } catch (error) {
    if (!isForTheOperator(error)) throw error;
    merged.log.fatal({ kind: error.name }, error.message);
    return EXIT_CONFIGURATION;
  } finally {
    await hub?.stop();
    merged.log.info("stopped");
    merged.close();
  }
}
