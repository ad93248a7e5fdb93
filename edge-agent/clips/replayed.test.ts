import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLIP_BYTES_MAX } from "@campus-ops/broker/sparkplug";
import { genericOnvifRecorder } from "@campus-ops/device-profiles/profiles/recorder/generic-onvif";
import { startOnvifSimulator } from "@campus-ops/device-profiles/simulator/onvif/simulator";

import { DeviceId } from "@campus-ops/device-profiles/vocabulary";
import { createLog } from "@campus-ops/service";
import { afterEach, describe, expect, test } from "vitest";
import type { Clock } from "../core/clock.ts";
import { ClipRecorder } from "./recorder.ts";
import { Replayed } from "./replayed.ts";
import { ClipSource } from "./source.ts";

const LOGIN = { username: "admin", secret: `p&a"s<s'%` };
const HOUR_MS = 3_600_000;
const clock: Clock = { instant: () => ({ wall: Date.now(), uptime_ms: performance.now() }) };
const unstopped = new AbortController().signal;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A recorder of eight channels that records the second, and is asked for one of them. */
async function recorderOf(channel: number, secret = LOGIN.secret, bytes_max = CLIP_BYTES_MAX) {
  const simulator = await startOnvifSimulator(genericOnvifRecorder, LOGIN);
  closing.push(() => simulator.close());
  simulator.set("Channel/2/Recording", true);
  const target = { url: new URL(simulator.url), username: LOGIN.username, secret };
  const recorder = DeviceId("nvr");
  const replayed = new Replayed({ recorder, target, channel, clock, recordedAfter_ms: 0, bytes_max });
  return { simulator, replayed };
}

function probed(data: Uint8Array): { codec: string; duration_s: number } {
  const folder = mkdtempSync(join(tmpdir(), "replayed-test-"));
  try {
    writeFileSync(join(folder, "clip.mp4"), data);
    const show = ["-v", "error", "-show_streams", "-of", "json", join(folder, "clip.mp4")];
    const [stream] = JSON.parse(execFileSync("ffprobe", show, { encoding: "utf8" })).streams;
    return { codec: stream.codec_name, duration_s: Number(stream.duration) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function clipOf(replayed: Replayed, at: number) {
  const clip = await new ClipSource(undefined, replayed).take(at, unstopped);
  if (!("data" in clip)) throw new Error(clip.detail);
  return clip;
}

describe("a recorder", () => {
  test("plays the clip of an alarm that nobody had listened to: all fifteen seconds of it, from the picture before them on", async () => {
    const { replayed, simulator } = await recorderOf(2);
    const at = Date.now() - HOUR_MS;
    const clip = await clipOf(replayed, at);
    expect(clip.recorder).toBe("nvr");
    const { codec, duration_s } = probed(clip.data);
    expect(codec).toBe("h264");
    expect(duration_s).toBeGreaterThanOrEqual(15);
    expect(duration_s).toBeLessThan(15.5);
    // Pictures are 200 ms apart.
    expect(at - 5_000 - clip.takenAt).toBeGreaterThanOrEqual(0);
    expect(at - 5_000 - clip.takenAt).toBeLessThan(200);

    // Its clock is two hours ahead: it is asked by its own clock, and the clip's time is ours.
    simulator.set("Connectivity/ClockOffset", 7_200);
    const other = await clipOf(replayed, at);
    expect(Math.abs(other.takenAt - clip.takenAt)).toBeLessThan(2_000);
  });

  test("that has nothing of that time says so, and one that does not answer is not there", async () => {
    const { replayed, simulator } = await recorderOf(2);
    const nothing = { reason: "failed", detail: "nvr: has nothing recorded of that time" };
    expect(await replayed.take(Date.now() - 31 * 24 * HOUR_MS, unstopped)).toEqual(nothing);
    const idle = await recorderOf(3);
    expect(await idle.replayed.take(Date.now() - HOUR_MS, unstopped)).toEqual(nothing);
    const none = await recorderOf(99);
    expect(await none.replayed.take(Date.now() - HOUR_MS, unstopped)).toEqual({
      reason: "failed",
      detail: "nvr: has no recording of channel 99",
    });
    await simulator.fault("down");
    expect(await replayed.take(Date.now() - HOUR_MS, unstopped)).toMatchObject({ reason: "unreachable" });
  });

  test("that refuses the login is asked once, and plays one clip of a camera at a time", async () => {
    const { replayed } = await recorderOf(2, "guess");
    const asked = [replayed.take(Date.now() - HOUR_MS, unstopped), replayed.take(Date.now(), unstopped)];
    expect(await Promise.all(asked)).toMatchObject([
      { reason: "failed", detail: expect.stringContaining("refuses the login") },
      { reason: "full" },
    ]);
  });

  test("that brings more than a clip may weigh is stopped", async () => {
    const { replayed } = await recorderOf(2, LOGIN.secret, 100_000);
    expect(await replayed.take(Date.now() - HOUR_MS, unstopped)).toEqual({
      reason: "failed",
      detail: "nvr: would bring more than the 100000 bytes of a clip",
    });
  });

  test("is asked where the box itself has kept nothing, and both say why where neither has it", async () => {
    const { replayed } = await recorderOf(3);
    const target = { url: new URL("rtsp://127.0.0.1:9/stream") };
    const random = (): number => 0;
    const log = createLog("test", "silent");
    const ring = new ClipRecorder({ device: "camera", target, clock, random, log });
    expect(await new ClipSource(ring, replayed).take(Date.now() - HOUR_MS, unstopped)).toEqual({
      reason: "failed",
      detail: "the camera's stream does not come; nvr: has nothing recorded of that time",
    });
    expect(await new ClipSource(undefined, undefined).take(0, unstopped)).toMatchObject({
      reason: "unsupported",
    });
  });
});
