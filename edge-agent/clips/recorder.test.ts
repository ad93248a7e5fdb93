import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type PictureKind, pictureCommand } from "@campus-ops/broker/sparkplug";
import { genericRtsp } from "@campus-ops/device-profiles/profiles/camera/generic-rtsp";
import { startRtspSimulator } from "@campus-ops/device-profiles/simulator/rtsp/simulator";
import { CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { createLog } from "@campus-ops/service";
import { afterEach, describe, expect, test } from "vitest";
import { LOGIN_REFUSED_WAIT_MS } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import { startAedes } from "../testing/brokers.ts";
import { CAMPUS, configuration, device, NODE, startAgent, temporaryFolder } from "../testing/test-agent.ts";
import { TestHost } from "../testing/test-host.ts";
import { CLIPS_AN_HOUR_MAX, CLIPS_IN_HAND_MAX, ClipRecorder } from "./recorder.ts";

const SOON = { timeout: 20_000 };
const LOGIN = { username: "admin", secret: `p&a"s<s'%` };
const log = createLog("test", "silent");

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const now: Clock = { instant: () => ({ wall: Date.now(), uptime_ms: performance.now() }) };

function record(url: string, clock = now, secret = LOGIN.secret, span_ms = 0): ClipRecorder {
  const recorder = new ClipRecorder({
    device: "camera",
    target: { url: new URL(url), username: LOGIN.username, secret },
    clock,
    random: () => 0,
    log,
    before_ms: span_ms,
    after_ms: span_ms,
  });
  return recorder;
}

function run(recorder: ClipRecorder): void {
  const stopping = new AbortController();
  const running = recorder.run(stopping.signal);
  closing.push(async () => {
    stopping.abort();
    await running;
  });
}

/** What FFmpeg's own tool says of a file. */
function probed(data: Uint8Array): {
  readonly streams: readonly Record<string, unknown>[];
  readonly format: Record<string, string>;
} {
  const folder = mkdtempSync(join(tmpdir(), "clip-test-"));
  try {
    writeFileSync(join(folder, "clip.mp4"), data);
    const show = ["-v", "error", "-show_streams", "-show_format", "-of", "json"];
    return JSON.parse(execFileSync("ffprobe", [...show, join(folder, "clip.mp4")], { encoding: "utf8" }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a camera's clip reaches the hub that asks: an MP4 that plays, from before the moment on, and without sound", async () => {
  const script = new URL("../drivers/rtsp/testing/gst-camera.py", import.meta.url).pathname;
  const camera = spawn("/usr/bin/python3", [script, LOGIN.username, LOGIN.secret, "ball", "10"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const gone = new Promise((resolve) => camera.on("close", resolve));
  closing.push(async () => {
    camera.kill("SIGKILL");
    await gone;
  });
  const { value: port } = await createInterface({ input: camera.stdout })[Symbol.asyncIterator]().next();
  const url = new URL(`rtsp://127.0.0.1:${port}/stream`);
  const broker = await startAedes();
  closing.push(() => broker.stop());
  const hub = await TestHost.start({ url: broker.url, campus: CAMPUS, node: NODE });
  closing.push(() => hub.stop());
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const watched = device("camera", "camera/generic-rtsp", url.href, 60_000);
  const target = { url, ...LOGIN };
  const devices = [
    { ...watched, target, clips: target },
    device("plain", "camera/generic-rtsp", url.href, 60_000),
  ];
  const agent = startAgent(configuration(broker.url, devices), folder.path);
  closing.push(() => agent.stop());
  await expect.poll(() => agent.node.born, SOON).toBe(true);

  const node = { campus: CampusId(CAMPUS), node: NodeId(NODE) };
  const ask = (id: string, at: number, kind: PictureKind = "clip", of = "camera") =>
    hub.publish(pictureCommand(node, { id, device: DeviceId(of), kind, at }, Date.now()));
  const parts = () => hub.distinct().flatMap((arrival) => arrival.parts);
  const refusals = () => hub.distinct().flatMap((arrival) => arrival.refusals);
  const held = () => Math.max(0, ...[...agent.devices()].map(({ clips }) => clips?.heldBytes ?? 0));
  await expect.poll(held, SOON).toBeGreaterThan(0);
  await ask("none", Date.now(), "clip", "plain");
  // Nine seconds ago: what the clip waits for is nearly over, and what there is of the stream lies within.
  await ask("clip", Date.now() - 9_000);
  await hub.until(() => parts().length > 0 && refusals().length > 0);
  await hub.until(() => parts().length === parts()[0]?.count);
  const whole = Buffer.concat(
    parts()
      .toSorted((a, b) => a.index - b.index)
      .map(({ data }) => data),
  );
  const [part] = parts();
  expect(createHash("sha256").update(whole).digest("hex")).toBe(part?.sha256);
  expect(part?.contentType).toBe("video/mp4");
  const { format, streams } = probed(whole);
  expect(streams.map(({ codec_name, height, width }) => [codec_name, width, height])).toEqual([
    ["h264", 320, 240],
  ]);
  expect(Number(format.duration)).toBeGreaterThan(0);
  // Its index comes first: it plays while it is loaded.
  expect(whole.indexOf("moov")).toBeLessThan(whole.indexOf("mdat"));
  expect(refusals()).toMatchObject([{ request: "none", reason: "unsupported" }]);
});

describe("a clip recorder", () => {
  test("holds what comes, says what is not there, and holds nothing any more when it is stopped", async () => {
    const camera = await startRtspSimulator(genericRtsp, LOGIN);
    closing.push(() => camera.close());
    const recorder = record(camera.url);
    expect(await recorder.take(Date.now() - 2_000)).toMatchObject({ reason: "unreachable" });
    const stopping = new AbortController();
    const running = recorder.run(stopping.signal);
    await expect.poll(() => recorder.heldBytes, SOON).toBeGreaterThan(0);
    expect(await recorder.take(Date.now() - 30_000)).toMatchObject({ reason: "failed" });
    expect(await recorder.take(Date.now() + 120_000)).toMatchObject({ reason: "failed" });
    const begun = Date.now();
    const clip = await recorder.take(begun);
    if (!("data" in clip)) throw new Error(clip.detail);
    expect(probed(clip.data).streams).toMatchObject([{ codec_name: "h264" }]);
    expect(Math.abs(clip.takenAt - begun)).toBeLessThan(30_000);
    const mine = readdirSync("/proc").flatMap((pid) => commandOf(pid));
    expect(mine.filter((command) => command.includes("mpegts")).length).toBeGreaterThan(0);
    expect(mine.join()).not.toContain(LOGIN.username);
    expect(readdirSync(tmpdir()).filter((name) => /^clip-[A-Za-z0-9]{6}$/.test(name))).toEqual([]);
    stopping.abort();
    await running;
    expect(recorder.heldBytes).toBe(0);
  });

  test("with a wrong password asks once, and then waits as long as a login does", async () => {
    const camera = await startRtspSimulator(genericRtsp, LOGIN);
    closing.push(() => camera.close());
    const warned: Record<string, unknown>[] = [];
    const recorder = new ClipRecorder({
      device: "camera",
      target: { url: new URL(camera.url), username: LOGIN.username, secret: "guess" },
      clock: now,
      random: () => 0,
      log: { ...log, warn: (facts: Record<string, unknown>) => void warned.push(facts) } as typeof log,
    });
    run(recorder);
    await expect
      .poll(() => warned, SOON)
      .toMatchObject([{ kind: "login-refused", wait_ms: LOGIN_REFUSED_WAIT_MS }]);
    expect(camera.loginFailures).toBe(1);
  });

  test("cuts so many at once and so many an hour, and says of the others that it is full", async () => {
    let uptime_ms = 0;
    const clock: Clock = { instant: () => ({ wall: 1_000_000 + uptime_ms, uptime_ms }) };
    const recorder = record("rtsp://127.0.0.1:9/stream", clock, "", 0);
    const outcomes: string[] = [];
    for (let turn = 0; turn < CLIPS_AN_HOUR_MAX / CLIPS_IN_HAND_MAX + 1; turn += 1) {
      // Long over: nothing has to be waited for.
      const at = clock.instant().wall - 60_000;
      const taken = await Promise.all(Array.from({ length: CLIPS_IN_HAND_MAX + 1 }, () => recorder.take(at)));
      outcomes.push(taken.map((each) => ("reason" in each ? each.reason : "taken")).join());
      uptime_ms += 1_000;
    }
    const [first] = outcomes;
    expect(first).toBe("unreachable,unreachable,full");
    expect(outcomes.at(-1)).toBe("full,full,full");
    expect(new Set(outcomes.slice(0, -1))).toEqual(new Set([first]));
    uptime_ms += 3_600_000;
    expect(await recorder.take(clock.instant().wall - 60_000)).toMatchObject({ reason: "unreachable" });
  });
});

/** Of a child of this process. */
function commandOf(pid: string): readonly string[] {
  try {
    const isChild = readFileSync(`/proc/${pid}/stat`, "utf8").includes(` ${process.pid} `);
    return isChild ? [readFileSync(`/proc/${pid}/cmdline`, "utf8")] : [];
  } catch {
    return [];
  }
}
