/**
 * `campus-ops-update`, on boxes that run from the image: the service that installs bundles, the proof at each start, a stick that
 * was plugged in, and the command of whoever stands at a shell. Composition root.
 */
import { spawnSync } from "node:child_process";
import { follow, inBoth, isInstalled, lineOf, offer } from "./client.ts";
import { installDisk } from "./install-disk.ts";
import { Installer } from "./installer.ts";
import * as machine from "./machine.ts";
import { imageOf, keep, readMemory, runningOf } from "./memory.ts";
import { Places } from "./places.ts";
import { prove } from "./prove.ts";
import { raucCommand } from "./rauc.ts";
import { serveRequests } from "./server.ts";
import { readStick } from "./stick.ts";

const USAGE = "campus-ops-update install <file.raucb> | restart | status";
/** The first file that systemd hands over (sd_listen_fds(3)). */
const LISTENING = 3;
/** The socket starts the service again: nothing stays in memory between updates. */
const IDLE_MS = 30_000;

const places = new Places();
const rauc = raucCommand();
const now = (): string => new Date().toISOString();
const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
const say = (text: string): void => console.log(text);

async function install(file: string): Promise<number> {
  const answer = await offer(places, { install: file });
  if (!answer.accepted) {
    say(`${answer.code}${inBoth(answer.message)}`);
    return 1;
  }
  return isInstalled(await follow(places, (update) => say(lineOf(update)))) ? 0 : 1;
}

async function serve(): Promise<number> {
  const installer = new Installer({
    image: imageOf(places),
    rauc,
    written: (slot) => machine.writtenTo(places, slot),
    memory: () => readMemory(places) ?? { update: { state: "idle", running: runningOf(places), at: now() } },
    keep: (memory) => keep(places, memory),
    now,
    hasBroker: async () => (await machine.hasBroker(places)) === true,
    catchUp: (bundle) => machine.catchUp(places, bundle),
    pause,
    restart: machine.restart,
  });
  const server = serveRequests((line) => installer.ask(line));
  let asked = performance.now();
  server.on("connection", () => {
    asked = performance.now();
  });
  server.listen({ fd: LISTENING });
  do {
    await pause(IDLE_MS);
    await installer.idle();
  } while (performance.now() - asked < IDLE_MS);
  return 0;
}

async function proveItself(): Promise<number> {
  await prove({
    rauc,
    running: runningOf(places),
    memory: () => readMemory(places),
    keep: (memory) => keep(places, memory),
    now,
    find: async () => ({
      uptime_ms: machine.uptime_ms(),
      ...machine.agentProcess(),
      isDiskWritable: machine.isDiskWritable(places),
      hasBroker: await machine.hasBroker(places),
    }),
    pause,
    restart: machine.restart,
    say,
  });
  return 0;
}

async function stick(device: string): Promise<number> {
  await readStick(device, {
    places,
    rauc,
    lookAgain: () => void spawnSync("systemctl", ["restart", "--no-block", "campus-ops-edge.service"]),
    say,
  });
  return 0;
}

async function run([command, word]: readonly string[]): Promise<number> {
  if (command === "install" && word !== undefined) return await install(word);
  if (command === "stick" && word !== undefined) return await stick(word);
  switch (command) {
    case "serve":
      return await serve();
    case "prove":
      return await proveItself();
    case "restart":
      return (await offer(places, { restart: true })).accepted ? 0 : 1;
    case "install-disk":
      return (await installDisk(places, say)) ? 0 : 1;
    case "status":
      say(JSON.stringify(readMemory(places)?.update ?? {}, undefined, 2));
      return 0;
    default:
      console.error(USAGE);
      return 1;
  }
}

process.exit(await run(process.argv.slice(2)));
