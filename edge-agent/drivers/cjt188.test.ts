import { createServer } from "node:net";
import {
  CJT188_REFUSED,
  Cjt188Splitter,
  encodeCjt188,
  FROM_CJT188_METER,
} from "@campus-ops/device-profiles/codecs/cjt188";
import type { Cjt188Profile } from "@campus-ops/device-profiles/profiles/cjt188-profile";
import { genericCjt188Heat as heat } from "@campus-ops/device-profiles/profiles/meter/generic-cjt188-heat";
import { genericCjt188Water as water } from "@campus-ops/device-profiles/profiles/meter/generic-cjt188-water";
import type { SimulatedDevice } from "@campus-ops/device-profiles/simulator";
import { type Cjt188BusMeter, startCjt188Bus } from "@campus-ops/device-profiles/simulator/cjt188/simulator";
import type { MetricName, Reading, Sample } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, describe, expect, test } from "vitest";
import { cjt188Driver } from "./cjt188.ts";
import type { DeviceSession } from "./driver.ts";

const patience = () => AbortSignal.timeout(8_000);
/** 2026-09-01 12:00 in Beijing. */
const NOON = Date.UTC(2026, 8, 1, 4);
const FIRST = "78332026000001";
const SECOND = "11112026000042";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(transport: "serial" | "tcp", ...meters: readonly Cjt188BusMeter[]) {
  const bus = await startCjt188Bus(meters, { transport, now: () => NOON });
  cleanups.push(() => bus.close());
  return (address: string): SimulatedDevice => {
    const device = bus.meters.get(address);
    if (device === undefined) throw new Error(`no meter ${address}`);
    return device;
  };
}

type Open = Required<Pick<DeviceSession, "poll" | "close">>;

async function open(url: string, profile: Cjt188Profile = water): Promise<Open> {
  const environment = { now: () => NOON, pseudonym: (text: string) => `<${text}>` };
  const session = await cjt188Driver.open({ url: new URL(url) }, profile, environment, patience());
  cleanups.push(() => session.close());
  const { poll } = session;
  if (poll === undefined) throw new Error("incomplete session");
  return {
    poll: poll.bind(session),
    close: session.close.bind(session),
  };
}

const sampleOf = (reading: Reading, metric: MetricName): Sample | undefined =>
  reading.samples.find((sample) => sample.metric === metric);
const shown = (reading: Reading, metric: MetricName) => sampleOf(reading, metric)?.value;

describe.each(["serial", "tcp"] as const)("meters on one line, %s", (transport) => {
  test("are asked at once, each for itself, whichever way round they know identifiers", async () => {
    const meter = await start(
      transport,
      { profile: water, address: FIRST, highFirst: true },
      { profile: heat, address: SECOND },
    );
    meter(FIRST).set("Water/Volume", 77.07);
    meter(SECOND).set("Heat/ReturnTemperature", 40.05);
    const sessions = await Promise.all([open(meter(FIRST).url), open(meter(SECOND).url, heat)]);
    const [first, second] = await Promise.all(sessions.map((session) => session.poll(patience())));
    if (first === undefined || second === undefined) throw new Error("two readings");
    expect([shown(first, "Water/Volume"), shown(first, "Connectivity/ClockOffset")]).toEqual([77.07, 0]);
    expect([shown(second, "Heat/ReturnTemperature"), shown(second, "Heat/Energy")]).toEqual([
      40.05, 48_210.5,
    ]);
  });

  test("the only one is found without its address; one that is not there is a time-out", async () => {
    const meter = await start(transport, { profile: water, address: FIRST });
    const url = meter(FIRST).url.replace(/address=\d+/, "");
    expect(shown(await (await open(url)).poll(patience()), "Water/Volume")).toBe(1_234.56);
    const missing = await open(`${meter(FIRST).url.replace(FIRST, SECOND)}&timeout=40`);
    await expect(missing.poll(patience())).rejects.toMatchObject({ kind: "timeout", retry: true });
  });
});

describe("faults that meters show", () => {
  const one = () => start("tcp", { profile: water, address: FIRST });

  test("frames in pieces behind noise are read", async () => {
    const meter = await one();
    await meter(FIRST).fault("fragmented");
    expect(shown(await (await open(meter(FIRST).url)).poll(patience()), "Water/Volume")).toBe(1_234.56);
  });

  test("a late answer is told by its number and never taken for another", async () => {
    const meter = await one();
    const session = await open(`${meter(FIRST).url}&timeout=40`);
    await session.poll(patience());
    await meter(FIRST).fault("late-replies");
    await expect(session.poll(patience())).rejects.toMatchObject({ retry: true });
    meter(FIRST).set("Water/Volume", 2_000);
    await meter(FIRST).fault(null);
    const anew = await open(meter(FIRST).url);
    expect(shown(await anew.poll(patience()), "Water/Volume")).toBe(2_000);
  });

  test("garbage is told as such, and a meter that restarts all the time as gone", async () => {
    const meter = await one();
    await meter(FIRST).fault("garbage");
    const babbling = await open(`${meter(FIRST).url}&timeout=40`);
    await expect(babbling.poll(patience())).rejects.toMatchObject({ kind: "garbage", retry: true });
    await babbling.close();
    await meter(FIRST).fault("reboot-loop");
    const session = await open(meter(FIRST).url);
    for (let turn = 0; turn < 3; turn += 1) await session.poll(patience());
    await expect(session.poll(patience())).rejects.toMatchObject({ kind: "unreachable", retry: true });
  });

  test("what is not measured is a bad reading, a clock that runs wrong is told, a new meter counts from nought", async () => {
    const meter = await one();
    await meter(FIRST).fault("sentinel");
    const session = await open(meter(FIRST).url);
    expect(sampleOf(await session.poll(patience()), "Water/Volume")).toMatchObject({
      value: null,
      quality: { status: "bad", reason: "sentinel" },
    });
    await meter(FIRST).fault("clock-ahead");
    expect(shown(await session.poll(patience()), "Connectivity/ClockOffset")).toBe(8 * 3_600);
    await meter(FIRST).fault("counter-reset");
    expect(shown(await session.poll(patience()), "Water/Volume")).toBe(0);
  });

  test("a connection that is half open is left, and a new one works", async () => {
    const meter = await one();
    const session = await open(`${meter(FIRST).url}&timeout=100`);
    await session.poll(patience());
    await meter(FIRST).fault("half-open");
    await expect(session.poll(patience())).rejects.toMatchObject({ kind: "timeout", retry: true });
    await session.close();
    expect((await (await open(meter(FIRST).url)).poll(patience())).samples.length).toBeGreaterThan(0);
  });
});

test("a meter that refuses both ways says so", async () => {
  const server = createServer((socket) => {
    cleanups.push(() => void socket.destroy());
    socket.on("error", () => undefined);
    socket.on("data", (request) => {
      for (const { address, control, data, meterType } of new Cjt188Splitter().push(request)) {
        const refusal = Uint8Array.of(data[2] ?? 0, 0, 0);
        const answer = {
          address,
          meterType,
          control: control | FROM_CJT188_METER | CJT188_REFUSED,
          data: refusal,
        };
        socket.write(encodeCjt188(answer));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const session = await open(`cjt188://127.0.0.1:${address.port}?address=${FIRST}`);
  await expect(session.poll(patience())).rejects.toMatchObject({
    kind: "device-exception",
    message: expect.stringContaining("refuses to be read"),
  });
});

test.each([
  "cjt188://127.0.0.1",
  "cjt188:///dev/ttyS0?address=12ab",
  "cjt188:///dev/ttyS0?address=123456789012345",
  "dlt645:///dev/ttyS0?address=00000000000001",
])("%s is refused", async (url) => {
  await expect(open(url)).rejects.toMatchObject({ kind: "unsupported", retry: false });
});
