import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { genericRtsp } from "@campus-ops/device-profiles/profiles/camera/generic-rtsp";
import {
  type SimulatedStream,
  startRtspSimulator,
} from "@campus-ops/device-profiles/simulator/rtsp/simulator";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failureOf } from "../testing/driver-outcomes.ts";
import { FollowedSession } from "../testing/followed-session.ts";
import type { DeviceSession, DriverError } from "./driver.ts";
import { Turns } from "./rtsp/turns.ts";
import { createRtspDriver, RTSP_LIMITS } from "./rtsp.ts";

const LOGIN = { username: "admin", secret: `p&a"s<s'%` };
const never = new AbortController().signal;
const brisk = { ...genericRtsp, window_s: 1, pollInterval_ms: 50 };
const driver = createRtspDriver();

let clock = Date.UTC(2026, 8, 1);
/** A probe is twelve seconds after the one before, whatever it took. */
const now = (): number => {
  clock += 12_000;
  return clock;
};
const environment = { now, pseudonym: (text: string) => text };
const followers: FollowedSession[] = [];

const open = (url: string, secret: string = LOGIN.secret, by = driver): Promise<DeviceSession> =>
  by.open({ url: new URL(url), username: LOGIN.username, secret }, brisk, environment, never);

function follow(session: DeviceSession): FollowedSession {
  const follower = new FollowedSession(session);
  followers.push(follower);
  return follower;
}

const failure = (promise: Promise<unknown> | undefined): Promise<DriverError> =>
  failureOf(promise, encodeURIComponent(LOGIN.secret));

const stopAll = async (): Promise<void> => {
  await Promise.all(followers.splice(0).map((each) => each.stop()));
};

describe("with the simulated stream", () => {
  let stream: SimulatedStream;
  beforeEach(async () => {
    stream = await startRtspSimulator(genericRtsp, LOGIN);
  });
  afterEach(async () => {
    await stopAll();
    await stream.close();
  });

  test("tells what the stream is, and that it moves", async () => {
    const follower = follow(await open(stream.url));
    await follower.sample("Stream/Alive", true);
    await follower.sample("Stream/Codec", "h264");
    await follower.sample("Stream/Width", 320);
    await follower.sample("Stream/Height", 180);
    await follower.sample("Stream/FrameRate", 5);
    await follower.sample("Stream/Black", false);
    await follower.sample("Stream/Frozen", false);
  });

  test("tells another size, rate and bit rate, of a camera that calls nonces stale, too", async () => {
    await stream.fault("stale-nonce");
    stream.set("Stream/Width", 1920);
    stream.set("Stream/Height", 1080);
    stream.set("Stream/FrameRate", 10);
    stream.set("Stream/BitRate", 2);
    const follower = follow(await open(stream.url));
    await follower.sample("Stream/Width", 1920);
    await follower.sample("Stream/Height", 1080);
    await follower.sample("Stream/FrameRate", 10);
    const rate = follower.samples.find(({ metric }) => metric === "Stream/BitRate")?.value;
    expect(Math.abs(Number(rate) - 2)).toBeLessThan(0.1);
  });

  test("tells black, and a picture that stands still for long enough", async () => {
    stream.set("Stream/Black", true);
    const follower = follow(await open(stream.url));
    await follower.sample("Stream/Black", true);
    stream.set("Stream/Black", false);
    stream.set("Stream/Frozen", true);
    await follower.sample("Stream/Black", false);
    await follower.sample("Stream/Frozen", true);
    stream.set("Stream/Frozen", false);
    await follower.sample("Stream/Frozen", false);
  });

  test("a camera that answers and sends no pictures is there, and its stream is not", async () => {
    stream.set("Stream/Alive", false);
    const quick = createRtspDriver({ ...RTSP_LIMITS, start_ms: 1_500 });
    const follower = follow(await open(stream.url, LOGIN.secret, quick));
    await follower.sample("Stream/Alive", false);
    const width = follower.samples.find(({ metric }) => metric === "Stream/Width");
    expect(width).toMatchObject({ value: null, quality: { status: "bad", reason: "not-read" } });
  });

  test("a wrong password is tried once, and a locked account is not tried again", async () => {
    const error = await failure(follow(await open(stream.url, "guess")).ended);
    expect([error.kind, error.retry]).toEqual(["login-refused", false]);
    expect(stream.loginFailures).toBe(1);
    await stream.fault("lockout");
    const locked = await failure(follow(await open(stream.url)).ended);
    expect([locked.kind, locked.retry]).toEqual(["login-refused", false]);
  });

  test.each([
    ["stuck", "Stream/Frozen", true],
    ["subscription-lost", "Stream/Alive", false],
    ["half-open", "Stream/Alive", true],
  ] as const)("with the fault %s its %s is %s", async (fault, metric, value) => {
    const quick = createRtspDriver({ ...RTSP_LIMITS, start_ms: 3_000 });
    const follower = follow(await open(stream.url, LOGIN.secret, quick));
    await follower.sample("Stream/Frozen", false);
    await stream.fault(fault);
    await follower.sample(metric, value);
  });

  test.each([
    ["down", "unreachable"],
    ["hang", "timeout"],
    ["garbage", "garbage"],
  ] as const)("a camera that is %s gives the error %s, and mends", async (fault, kind) => {
    await stream.fault(fault);
    const error = await failure(open(stream.url));
    expect([error.kind, error.retry]).toEqual([kind, true]);
    await stream.fault(null);
    await follow(await open(stream.url)).sample("Stream/Alive", true);
  });

  test("a camera that goes down between two probes ends the subscription", async () => {
    const follower = follow(await open(stream.url));
    await follower.sample("Stream/Alive", true);
    await stream.fault("down");
    expect((await failure(follower.ended)).kind).toBe("unreachable");
  });

  test("the password is on no command line, and the program ends with the session", async () => {
    stream.set("Stream/Alive", false);
    const follower = follow(await open(stream.url));
    const mine = () =>
      readdirSync("/proc")
        .filter((each) => /^\d+$/.test(each))
        .flatMap((pid) => {
          try {
            const isChild = readFileSync(`/proc/${pid}/stat`, "utf8").includes(` ${process.pid} `);
            const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
            return isChild && command.startsWith("ffmpeg") ? [command] : [];
          } catch {
            return [];
          }
        });
    await expect.poll(() => mine().length).toBe(1);
    expect(mine().join()).not.toContain("admin");
    await follower.stop();
    await expect.poll(() => mine().length).toBe(0);
  });

  test("without the program it says what to install", async () => {
    const without = createRtspDriver({ ...RTSP_LIMITS, ffmpeg: "no-such-program" });
    const error = await failure(follow(await open(stream.url, LOGIN.secret, without)).ended);
    expect([error.kind, error.retry]).toEqual(["unsupported", false]);
    expect(error.message).toContain("install the package ffmpeg");
  });
});

describe("with gst-rtsp-server as the camera", () => {
  test.each([
    ["snow", { "Stream/Black": false, "Stream/Frozen": false }],
    ["black", { "Stream/Black": true }],
  ] as const)("its picture of %s is told as it is", async (pattern, expected) => {
    const script = new URL("./rtsp/testing/gst-camera.py", import.meta.url).pathname;
    const peer = spawn("/usr/bin/python3", [script, LOGIN.username, LOGIN.secret, pattern, "10"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      const { value: port } = await createInterface({ input: peer.stdout })[Symbol.asyncIterator]().next();
      const follower = follow(await open(`rtsp://127.0.0.1:${port}/stream`));
      await follower.sample("Stream/Alive", true);
      await follower.sample("Stream/Codec", "h264");
      await follower.sample("Stream/Width", 320);
      await follower.sample("Stream/Height", 240);
      for (const [metric, value] of Object.entries(expected)) await follower.sample(metric, value);
      const rate = follower.samples.find(({ metric }) => metric === "Stream/FrameRate")?.value;
      expect(Math.abs(Number(rate) - 10)).toBeLessThan(1);
    } finally {
      await stopAll();
      const ended = new Promise((resolve) => peer.on("close", resolve));
      peer.kill("SIGKILL");
      await ended;
    }
  });
});

describe("turns", () => {
  test("no more at once than may be, the others in their order", async () => {
    const turns = new Turns(2);
    const running: string[] = [];
    const gates = new Map(["a", "b", "c", "d"].map((name) => [name, Promise.withResolvers<void>()]));
    const done = [...gates].map(([name, gate]) =>
      turns.take(async () => {
        running.push(name);
        await gate.promise;
      }, never),
    );
    await Promise.resolve();
    expect(running).toEqual(["a", "b"]);
    gates.get("b")?.resolve();
    await done[1];
    await new Promise(setImmediate);
    expect(running).toEqual(["a", "b", "c"]);
    for (const gate of gates.values()) gate.resolve();
    await Promise.all(done);
    expect(running).toEqual(["a", "b", "c", "d"]);
  });

  test("who gives up while waiting takes no turn, and who fails gives it back", async () => {
    const turns = new Turns(1);
    const gate = Promise.withResolvers<void>();
    const first = turns.take(() => gate.promise, never);
    const controller = new AbortController();
    const second = turns.take(async () => "second", controller.signal);
    const third = turns.take(() => Promise.reject(new Error("third")), never);
    controller.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    gate.resolve();
    await first;
    await expect(third).rejects.toThrow("third");
    expect(await turns.take(async () => "fourth", never)).toBe("fourth");
  });
});
