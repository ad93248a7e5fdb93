/** What the box is asked about itself. */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { IMAGE_FILE, type Image, type Slot } from "./core/contract.ts";
import type { Findings } from "./core/proof.ts";
import type { Places } from "./places.ts";
import { signedAfter } from "./signing-time.ts";

const AGENT = "campus-ops-edge.service";
const ASK_MS_MAX = 5_000;
const ANSWER_CHARACTERS_MAX = 1_000_000;

export function uptime_ms(): number {
  return Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1_000;
}

/** How its agent's process is doing, as systemd sees it. */
export function agentProcess(): Pick<Findings, "agent_ms" | "agentRestarts"> {
  const { stdout } = spawnSync(
    "systemctl",
    ["show", "--property=MainPID,ExecMainStartTimestampMonotonic,NRestarts", AGENT],
    { encoding: "utf8", timeout: ASK_MS_MAX },
  );
  const value = (name: string): number => Number(new RegExp(`^${name}=(\\d+)$`, "m").exec(stdout)?.[1] ?? 0);
  const agent_ms =
    value("MainPID") === 0 ? undefined : uptime_ms() - value("ExecMainStartTimestampMonotonic") / 1_000;
  return { agent_ms, agentRestarts: value("NRestarts") };
}

/** By writing, and by having it on the disk. */
export function isDiskWritable(places: Places): boolean {
  const path = join(dirname(places.memory), "written");
  try {
    writeFileSync(path, new Date().toISOString());
    const file = openSync(path, "r");
    fsyncSync(file);
    closeSync(file);
    rmSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether the agent is with its broker; undefined while it does not answer. */
export async function hasBroker(places: Places): Promise<boolean | undefined> {
  if (!existsSync(places.agent)) return undefined;
  const name = readdirSync(places.agent).find((each) => each.startsWith("edge-") && each.endsWith(".sock"));
  if (name === undefined) return undefined;
  try {
    const health: unknown = JSON.parse(await get(join(places.agent, name), "/healthz"));
    return typeof health === "object" && health !== null && "status" in health && health.status === "ok";
  } catch {
    return undefined;
  }
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, timeout: ASK_MS_MAX }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > ANSWER_CHARACTERS_MAX) asked.destroy(new Error("the agent's answer has no end"));
      });
      response.on("end", () => resolve(text));
    });
    asked.on("timeout", () => asked.destroy(new Error("the agent does not answer")));
    asked.on("error", reject);
    asked.end();
  });
}

/** See `InstallerParts.catchUp`. */
export function catchUp(places: Places, bundle: string): boolean {
  if (existsSync(places.synchronised)) return false;
  const seconds = Math.ceil(signedAfter(bundle) / 1_000);
  if (seconds * 1_000 <= Date.now()) return false;
  return spawnSync("date", ["--set", `@${seconds}`]).status === 0;
}

/** What the other slot holds, from its own file; it is mounted for as long as that takes. */
export function writtenTo(places: Places, slot: Slot): Image {
  const device = join(places.byPartLabel, SLOT_PARTITIONS[slot]);
  mkdirSync(places.other, { recursive: true });
  const { status, stderr } = spawnSync(
    "mount",
    ["-t", "squashfs", "-o", "ro,nosuid,nodev,noexec", device, places.other],
    { encoding: "utf8", timeout: ASK_MS_MAX },
  );
  if (status !== 0) throw new Error(`the slot that was written cannot be read: ${stderr.trim()}`);
  try {
    return JSON.parse(readFileSync(join(places.other, IMAGE_FILE), "utf8")) as Image;
  } finally {
    spawnSync("umount", [places.other]);
  }
}
/** See the image's layout. */
const SLOT_PARTITIONS: Readonly<Record<Slot, string>> = { A: "root-a", B: "root-b" };

export function restart(): void {
  spawnSync("systemctl", ["reboot"]);
}
