/** A box with one panic button, for what is installed from nothing: its planned devices, and the button as a device that is played. */
import { type ChildProcess, spawn } from "node:child_process";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
/** What the simulator calls the only device of its profile. */
const PLAYED = "generic-supervised-input";
const PORT = 15_020;

export const CAMPUS = "qiyun-no1";
export const CAMPUS_PATH = `990100/990102/${CAMPUS}`;
export const BUTTON = `${CAMPUS}/box-1/panic-1`;
/** Of `campus-ops init`. */
export const SITE_WORDS = [
  ...["--city", "990100:临澜市/Linlan", "--county", "990102:启云区/Qiyun"],
  ...["--campus", `${CAMPUS}:启云一中/Qiyun No. 1`],
] as const;

/** What `campus-ops enrol token --devices` takes; JSON is YAML. */
export const PLANNED = JSON.stringify({
  campus: { id: CAMPUS, path: CAMPUS_PATH },
  node: { id: "box-1", title: { zh: "一号盒", en: "Box 1" } },
  broker: { url: "mqtt://127.0.0.1" },
  devices: [
    {
      id: "panic-1",
      profile: `panic-button/${PLAYED}`,
      title: { zh: "门卫室一键报警", en: "Panic button of the lodge" },
      at: "gate/1/lodge",
      url: `modbus://127.0.0.1:${PORT}?unit=1`,
    },
  ],
});

/** The button, on loopback of this network or of that of process `beside`. To be killed in the end. */
export function playButton(beside?: number): ChildProcess {
  const program = [process.execPath, join(ROOT, "deploy/cli/main.ts")];
  const played = [...program, "simulate", `panic-button/${PLAYED}`, "--port", String(PORT)];
  const [command = "", ...words] =
    beside === undefined ? played : ["nsenter", "--target", String(beside), "--net", ...played];
  return spawn(command, words, { stdio: ["pipe", "ignore", "inherit"] });
}

export function press(button: ChildProcess): void {
  button.stdin?.write(`set ${PLAYED} Panic/Pressed true\n`);
}
