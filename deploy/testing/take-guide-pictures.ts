/**
 * `npm run guide-pictures`: the pictures of the first day's guides, from a hub that is made as the guide says, with a box
 * that enrols and a panic button that somebody presses. Look at them before you commit them.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import type { Page } from "playwright-core";
import { PICTURE_BYTES_MAX, PICTURES, pictureFile } from "../show/pictures.ts";
import { CONSOLE_LANGUAGES, type ConsoleLanguage, launchChromium } from "./console-page.ts";
import { freePort, HubProcess } from "./hub-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const DOCS = join(ROOT, "docs");
const PASSWORD = "a long first password of 2026";
const CAMPUS = "qiyun-no1";
const AT = `990100/990102/${CAMPUS}`;
const SIZE = { width: 1_100, height: 640 };
/** A machine that does other things as well. */
const SHOWN_MS_MAX = 120_000;
/** Few colours make small files, and a console has few. */
const COLOURS = 96;

const folder = mkdtempSync(join(tmpdir(), "campus-ops-pictures-"));
const data = join(folder, "data");
const mqttPort = await freePort();

function campusOps(words: readonly string[], input = ""): void {
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, "deploy/cli/main.ts"), ...words],
    {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, CAMPUS_OPS_DATA: data, CAMPUS_OPS_MQTT_PORT: String(mqttPort) },
      input,
    },
  );
  if (status !== 0) throw new Error(`campus-ops ${words.join(" ")}: ${stdout}${stderr}`);
}

async function simulated(profile: string): Promise<SimulatedDevice> {
  const found = findProfile(profile);
  if (found === undefined) throw new Error(`there is no profile ${profile}`);
  return await startSimulator(found);
}

function plan(air: SimulatedDevice, button: SimulatedDevice): string {
  const device = (id: string, profile: string, title: string, at: string, { url }: SimulatedDevice) => {
    const [zh, en] = title.split("/");
    return { id, profile, title: { zh, en }, at, url };
  };
  return JSON.stringify({
    campus: { id: CAMPUS, path: AT },
    node: { id: "box-1", title: { zh: "一号盒", en: "Box 1" } },
    broker: { url: "mqtt://127.0.0.1" },
    devices: [
      device("air-101", "environment-sensor/generic-room-monitor", "101 温湿度/Air 101", "a/1/101", air),
      device(
        "panic-1",
        "panic-button/generic-supervised-input",
        "门卫室一键报警/Panic button, gate",
        "gate",
        button,
      ),
    ],
  });
}

function startBox(): ChildProcess {
  const box = join(folder, "box");
  return spawn(process.execPath, [join(ROOT, "edge-agent/main.ts")], {
    env: {
      ...process.env,
      CAMPUS_OPS_CONFIG: join(box, "edge.yaml"),
      CAMPUS_OPS_DATA: join(box, "data"),
      CAMPUS_OPS_RUN: join(box, "run"),
      CAMPUS_OPS_SEED: join(folder, "stick"),
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Where the picture is taken, as whom, and what has to be there. */
const SCENES: Readonly<Record<(typeof PICTURES)[number], (open: Open) => Promise<Page>>> = {
  "sign-in": (open) => open("/", undefined, "input[type=password]"),
  boxes: (open) => open("/settings/boxes", "admin", "main table tbody tr"),
  devices: async (open) => {
    const page = await open("/devices", "installer", "main tbody tr");
    await page.locator("main tbody tr").filter({ hasText: /101/ }).first().click();
    await page.getByText(/℃|°C/).first().waitFor();
    return page;
  },
  alarm: async (open) => {
    const page = await open("/alarms", "gate", ".alarm-row");
    await page
      .locator(".alarm-row")
      .filter({ hasText: /一键报警|Panic/ })
      .first()
      .click();
    await page.locator("main .quiet-note").first().waitFor({ state: "hidden" });
    return page;
  },
};

type Open = (path: string, who: string | undefined, shows: string) => Promise<Page>;

const devices = [
  await simulated("environment-sensor/generic-room-monitor"),
  await simulated("panic-button/generic-supervised-input"),
] as const;
const [mqttsPort, enrolmentPort] = [await freePort(), await freePort()];
const browser = await launchChromium();
let hub: HubProcess | undefined;
let box: ChildProcess | undefined;
try {
  const site = [
    "--city",
    "990100:临澜市/Linlan",
    "--county",
    "990102:启云区/Qiyun",
    "--campus",
    `${CAMPUS}:启云一中/Qiyun No. 1`,
  ];
  const ports = ["--mqtts-port", String(mqttsPort), "--enrolment-port", String(enrolmentPort)];
  campusOps(
    ["init", "--folder", folder, ...site, "--name", "127.0.0.1", "--administrator", "admin", ...ports],
    `${PASSWORD}\n`,
  );
  const add = (name: string, role: string) =>
    campusOps(["accounts", "add", name, "--role", role, "--at", AT], `${PASSWORD}\n`);
  add("gate", "guard");
  add("installer", "installer");
  mkdirSync(join(folder, "stick"));
  writeFileSync(join(folder, "planned.yaml"), plan(...devices));
  const seed = join(folder, "stick", "edge.conf");
  const which = ["--campus", CAMPUS, "--node", "box-1", "--title", "一号盒/Box 1"];
  campusOps(["enrol", "token", ...which, "--devices", join(folder, "planned.yaml"), "--out", seed]);
  hub = await HubProcess.start({ config: join(folder, "hub.yaml"), data, mqttPort });
  await hub.ready();
  box = startBox();
  const address = `https://127.0.0.1:${hub.httpPort}`;
  let pressed = false;
  for (const language of CONSOLE_LANGUAGES) {
    for (const name of PICTURES) {
      if (name === "alarm" && !pressed) await devices[1].set("Panic/Pressed", true);
      pressed ||= name === "alarm";
      const page = await SCENES[name]((...where) => opened(address, language, ...where));
      const file = join(DOCS, pictureFile(name, language));
      mkdirSync(join(file, ".."), { recursive: true });
      const whole = join(folder, `${name}-${language}.png`);
      await page.screenshot({ path: whole });
      await page.context().close();
      reduce(whole, file);
      console.log(`${file}: ${statSync(file).size} B`);
    }
  }
} finally {
  await browser.close();
  if (box !== undefined && box.exitCode === null) {
    const ended = once(box, "exit");
    box.kill("SIGTERM");
    await ended;
  }
  await hub?.stop();
  for (const device of devices) await device.close();
  rmSync(folder, { recursive: true, force: true });
}

async function opened(
  address: string,
  language: ConsoleLanguage,
  path: string,
  who: string | undefined,
  shows: string,
): Promise<Page> {
  // The hub that was made signs its own certificate.
  const context = await browser.newContext({
    viewport: SIZE,
    timezoneId: "Asia/Shanghai",
    ignoreHTTPSErrors: true,
  });
  await context.addInitScript((chosen) => localStorage.setItem("campus-ops.language", chosen), language);
  const page = await context.newPage();
  page.setDefaultTimeout(SHOWN_MS_MAX);
  await page.goto(`${address}${path}`);
  if (who !== undefined) {
    await page.locator("input[autocomplete=username]").fill(who);
    await page.locator("input[type=password]").fill(PASSWORD);
    await page.keyboard.press("Enter");
  }
  await page.locator(shows).first().waitFor();
  return page;
}

function reduce(from: string, to: string): void {
  const palette = `split[a][b];[a]palettegen=max_colors=${COLOURS}[p];[b][p]paletteuse=dither=none`;
  const { status, stderr } = spawnSync("ffmpeg", [
    "-y",
    "-loglevel",
    "error",
    "-i",
    from,
    "-vf",
    palette,
    to,
  ]);
  if (status !== 0) throw new Error(`ffmpeg: ${stderr}`);
  const { size } = statSync(to);
  if (size > PICTURE_BYTES_MAX) throw new Error(`${to} has ${size} bytes; ${PICTURE_BYTES_MAX} at most`);
}
