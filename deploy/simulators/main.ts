/** The devices of the demonstration, all in one process, and the school day that moves them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import {
  createLog,
  listenOnSocket,
  OperatorError,
  type Running,
  readEnvironment,
  runProcess,
  socketPath,
} from "@campus-ops/service";
import type { SimulatedDeviceEntry, SimulatorsFile } from "./city/configuration.ts";
import { type Clock, Clockwork } from "./clockwork.ts";
import { controlServer } from "./control.ts";
import { DEVICES_FILE, demonstrationFolder } from "./prepare.ts";
import { SCHOOL_DAY } from "./scenario/school-day.ts";
import type { Act } from "./scenario/timeline.ts";
import { World, type WorldDevice } from "./world.ts";

const environment = readEnvironment(process.env);
const log = createLog("simulators", environment.logLevel);

/** The school day's clock is the wall's, because the calendar that the rules go by is. */
const schoolClock = (anchor: number): Clock => ({
  position_ms: () => Date.now() - anchor,
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
});

await runProcess(log, async (): Promise<Running> => {
  const folder = demonstrationFolder(environment.data);
  const { anchor, devices } = JSON.parse(readFileSync(join(folder, DEVICES_FILE), "utf8")) as SimulatorsFile;
  const world = new World(await Promise.all(devices.map((entry) => startDevice(folder, entry))));

  const scenario = new Clockwork(SCHOOL_DAY, schoolClock(anchor), (act) => {
    if (act.do === "tell") log.info({ scene: act.text.en }, act.text.zh);
    world.apply(act).catch((error: unknown) => log.error({ err: error, act: labelOf(act) }, "an act failed"));
  });
  const control = controlServer(world, scenario, SCHOOL_DAY.length_ms);
  await listenOnSocket(control, socketPath(environment.run, "simulators"));
  log.info({ devices: devices.length }, "devices simulated");

  return {
    stop: async () => {
      scenario.stop();
      await control.close();
      await world.close();
    },
  };
});

async function startDevice(folder: string, entry: SimulatedDeviceEntry): Promise<WorldDevice> {
  const { key, profile: id, port, username, secretFile, dependsOn } = entry;
  const profile = findProfile(id);
  if (profile === undefined) throw new OperatorError(`${key}: the catalogue has no profile ${id}`);
  const simulated = await startSimulator(profile, {
    port,
    ...(username === undefined ? {} : { username }),
    ...(secretFile === undefined ? {} : { secret: readFileSync(join(folder, secretFile), "utf8").trim() }),
  });
  if (simulated.url !== entry.url) {
    throw new Error(`${key} answers at ${simulated.url}, but its edge agent is told ${entry.url}`);
  }
  return { key, profile: id, simulated, ...(dependsOn === undefined ? {} : { dependsOn }) };
}

/** An act without its values: a card's number has no place in a log. */
function labelOf(act: Act): string {
  switch (act.do) {
    case "set":
      return `set ${act.metric} of ${act.device}`;
    case "raise":
      return `raise ${act.event} at ${act.device}`;
    case "fault":
      return `fault of ${act.device}`;
    case "tell":
      return act.text.en;
  }
}
