import { createServer } from "node:net";
import {
  BROADCAST_ADDRESS,
  Dlt645Splitter,
  encodeDlt645,
  FROM_METER,
  READ_DATA,
  REFUSED,
} from "@campus-ops/device-profiles/codecs/dlt645";
import type { Dlt645Profile } from "@campus-ops/device-profiles/profiles/dlt645-profile";
import { genericDlt645SinglePhase as singlePhase } from "@campus-ops/device-profiles/profiles/meter/generic-dlt645-single-phase";
import { genericDlt645ThreePhase as threePhase } from "@campus-ops/device-profiles/profiles/meter/generic-dlt645-three-phase";
import type { SimulatedDevice } from "@campus-ops/device-profiles/simulator";
import { SimulatedMeter } from "@campus-ops/device-profiles/simulator/dlt645/meter";
import { startMeterBus } from "@campus-ops/device-profiles/simulator/dlt645/simulator";
import type { MetricName, Reading, Sample } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, describe, expect, test } from "vitest";
import { dlt645Driver } from "./dlt645.ts";
import type { DeviceSession } from "./driver.ts";

const patience = () => AbortSignal.timeout(8_000);
/** 2026-09-01 12:00 in Beijing. */
const NOON = Date.UTC(2026, 8, 1, 4);

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

type Transport = "serial" | "tcp";

async function start(transport: Transport, ...profiles: readonly Dlt645Profile[]) {
  const addressed = profiles.map((profile, index): [string, Dlt645Profile] => [
    `20260000000${index + 1}`,
    profile,
  ]);
  const bus = await startMeterBus(new Map(addressed), { transport, now: () => NOON });
  cleanups.push(() => bus.close());
  const devices = [...bus.meters.values()];
  return (index: number): SimulatedDevice => {
    const device = devices[index];
    if (device === undefined) throw new Error(`no meter ${index}`);
    return device;
  };
}

type Open = Required<Pick<DeviceSession, "identify" | "poll" | "close">>;

async function open(url: string, profile: Dlt645Profile = singlePhase): Promise<Open> {
  const environment = { now: () => NOON, pseudonym: (text: string) => `<${text}>` };
  const session = await dlt645Driver.open({ url: new URL(url) }, profile, environment, patience());
  cleanups.push(() => session.close());
  const { identify, poll } = session;
  if (identify === undefined || poll === undefined) throw new Error("incomplete session");
  return {
    identify: identify.bind(session),
    poll: poll.bind(session),
    close: session.close.bind(session),
  };
}

const sampleOf = (reading: Reading, metric: MetricName): Sample | undefined =>
  reading.samples.find((sample) => sample.metric === metric);
const shown = (reading: Reading, metric: MetricName) => sampleOf(reading, metric)?.value;

/** A meter that answers each request with what the test says, on a serial server. */
async function answering(answer: (request: Uint8Array, send: (bytes: Uint8Array) => void) => void) {
  const server = createServer((socket) => {
    cleanups.push(() => void socket.destroy());
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => answer(bytes, (reply) => void socket.write(reply)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `dlt645://127.0.0.1:${address.port}?address=202600000001`;
}

describe.each<Transport>(["serial", "tcp"])("meters on one line, %s", (transport) => {
  test("are asked at once, and each is answered for itself", async () => {
    const meter = await start(transport, singlePhase, threePhase);
    meter(0).set("Meter/Power", -1.2345);
    meter(1).set("Phase/3/Voltage", 229.9);
    const [single, three] = await Promise.all([open(meter(0).url), open(meter(1).url, threePhase)]);
    const [first, second] = await Promise.all([single.poll(patience()), three.poll(patience())]);
    expect(shown(first, "Meter/Power")).toBe(-1.2345);
    expect(shown(second, "Phase/3/Voltage")).toBe(229.9);
    const { samples } = await three.identify(patience());
    expect(samples).toMatchObject([{ metric: "Properties/Serial", value: "202600000001" }]);
  });

  test("the only one is found without its address", async () => {
    const meter = await start(transport, singlePhase);
    meter(0).set("Meter/Energy", 77.77);
    const url = meter(0).url.replace(/address=\d+/, "");
    expect(shown(await (await open(url)).poll(patience()), "Meter/Energy")).toBe(77.77);
  });

  test("one that is not there is a time-out, and the others go on", async () => {
    const meter = await start(transport, singlePhase);
    const missing = await open(`${meter(0).url.replace("202600000001", "202600000009")}&timeout=40`);
    const there = await open(meter(0).url);
    const [gone, found] = await Promise.allSettled([missing.poll(patience()), there.poll(patience())]);
    expect(gone).toMatchObject({ status: "rejected", reason: { kind: "timeout", retry: true } });
    expect(found.status).toBe("fulfilled");
  });
});

describe("faults that meters show", () => {
  test("frames in pieces behind noise are read", async () => {
    const meter = await start("tcp", singlePhase);
    await meter(0).fault("fragmented");
    const session = await open(meter(0).url);
    expect(shown(await session.poll(patience()), "Phase/1/Voltage")).toBe(230.1);
  });

  test("a late answer is told by its identifier and never taken for another", async () => {
    const meter = await start("tcp", singlePhase);
    await meter(0).fault("late-replies");
    const session = await open(`${meter(0).url}&timeout=40`);
    await expect(session.poll(patience())).rejects.toMatchObject({ kind: "timeout", retry: true });
    // Each question now brings the answer to the one before; asked again, its own.
    const reading = await session.poll(patience());
    for (const { fields } of singlePhase.items) {
      for (const { metric } of fields)
        expect(shown(reading, metric), metric).toBe(singlePhase.atRest[metric]);
    }
  });

  test("garbage is told as such, and a meter that restarts all the time as gone", async () => {
    const meter = await start("tcp", singlePhase);
    await meter(0).fault("garbage");
    const babbling = await open(`${meter(0).url}&timeout=40`);
    await expect(babbling.poll(patience())).rejects.toMatchObject({ kind: "garbage", retry: true });
    await babbling.close();
    await meter(0).fault("reboot-loop");
    const session = await open(meter(0).url);
    await expect(session.poll(patience())).rejects.toMatchObject({ kind: "unreachable", retry: true });
  });

  test("what is not measured is a bad reading, and a clock that runs wrong is told", async () => {
    const meter = await start("tcp", singlePhase);
    await meter(0).fault("sentinel");
    const session = await open(meter(0).url);
    const reading = await session.poll(patience());
    expect(sampleOf(reading, "Phase/1/Voltage")).toMatchObject({
      value: null,
      quality: { status: "bad", reason: "sentinel" },
    });
    expect(shown(reading, "Connectivity/ClockOffset")).toBe(0);
    await meter(0).fault("clock-ahead");
    const again = await open(meter(0).url);
    expect(shown(await again.poll(patience()), "Connectivity/ClockOffset")).toBe(8 * 3600);
  });

  test("a meter that was replaced counts from nought", async () => {
    const meter = await start("tcp", singlePhase);
    await meter(0).fault("counter-reset");
    expect(shown(await (await open(meter(0).url)).poll(patience()), "Meter/Energy")).toBe(0);
  });

  test("a connection that is half open is left after a few questions", async () => {
    const meter = await start("tcp", singlePhase);
    const session = await open(`${meter(0).url}&timeout=200`);
    await session.poll(patience());
    await meter(0).fault("half-open");
    await expect(session.poll(patience())).rejects.toMatchObject({ kind: "timeout", retry: true });
    await session.close();
    expect((await (await open(meter(0).url)).poll(patience())).samples.length).toBeGreaterThan(0);
  });
});

describe("refusals", () => {
  /** Meters that refuse with this error byte whatever they are asked for, but for the given answers. */
  const refusing = (
    error: number,
    answered: (data: Uint8Array) => Uint8Array | undefined = () => undefined,
  ) =>
    answering((request, send) => {
      for (const { address, control, data } of new Dlt645Splitter().push(request)) {
        const answer = answered(data);
        const refusal = { address, control: control | FROM_METER | REFUSED, data: Uint8Array.of(error) };
        send(
          encodeDlt645(
            answer === undefined ? refusal : { address, control: control | FROM_METER, data: answer },
          ),
        );
      }
    });

  test("what a meter does not have is left out, and not asked for again", async () => {
    let asked = 0;
    const volts = Uint8Array.of(0x00, 0x01, 0x01, 0x02, 0x01, 0x23);
    const url = await refusing(0x02, (data) => {
      asked += 1;
      return data.every((byte, index) => byte === volts[index]) ? volts : undefined;
    });
    const session = await open(url);
    const told = (await session.poll(patience())).samples.map(({ metric, value }) => [metric, value]);
    expect(told).toEqual([["Phase/1/Voltage", 230.1]]);
    asked = 0;
    await session.poll(patience());
    expect(asked).toBe(1);
  });

  test.each([
    [0x02, "none of what its profile asks for"],
    [0x04, "wrong password"],
    [0x01, "another error"],
  ])("error %i is told as what it means, and not tried again", async (error, message) => {
    const session = await open(await refusing(error));
    await expect(session.poll(patience())).rejects.toMatchObject({
      kind: "device-exception",
      retry: false,
      message: expect.stringContaining(message),
    });
  });
});

test("a broadcast is taken by every meter and answered by none", () => {
  const meter = new SimulatedMeter(singlePhase, "202600000001", () => NOON);
  const question = { control: READ_DATA, data: Uint8Array.of(0, 0, 1, 0) };
  expect(meter.answer({ ...question, address: BROADCAST_ADDRESS })).toBeUndefined();
  expect(meter.answer({ ...question, address: "202600000001" })).toBeDefined();
});

test.each([
  "dlt645://127.0.0.1",
  "dlt645:///dev/ttyS0?address=12ab",
  "dlt645:///dev/ttyS0?address=1234567890123",
  "modbus:///dev/ttyS0?address=000000000001",
])("%s is refused", async (url) => {
  await expect(open(url)).rejects.toMatchObject({ kind: "unsupported", retry: false });
});
