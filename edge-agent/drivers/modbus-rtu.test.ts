import { genericRoomMonitor } from "@campus-ops/device-profiles/profiles/environment-sensor/generic-room-monitor";
import type { ModbusProfile } from "@campus-ops/device-profiles/profiles/modbus-profile";
import { genericPanicButton } from "@campus-ops/device-profiles/profiles/panic-button/generic-supervised-input";
import {
  type SimulatedModbusDevice,
  startModbusBus,
} from "@campus-ops/device-profiles/simulator/modbus/simulator";
import type { MetricName, Reading, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, describe, expect, test } from "vitest";
import type { DeviceSession } from "./driver.ts";
import { modbusDriver } from "./modbus.ts";

const patience = () => AbortSignal.timeout(5_000);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

type Transport = "serial" | "rtu-over-tcp" | "tcp";

async function start(transport: Transport, ...profiles: readonly ModbusProfile[]) {
  const bus = await startModbusBus(new Map(profiles.map((profile, index) => [index + 1, profile])), {
    transport,
  });
  cleanups.push(() => bus.close());
  return (unit: number): SimulatedModbusDevice => {
    const device = bus.devices.get(unit);
    if (device === undefined) throw new Error(`no unit ${unit}`);
    return device;
  };
}

type Open = Required<Pick<DeviceSession, "poll" | "write" | "close">>;

async function open(url: string, profile: ModbusProfile): Promise<Open> {
  const environment = { now: Date.now, pseudonym: (text: string) => `<${text}>` };
  const session = await modbusDriver.open({ url: new URL(url) }, profile, environment, patience());
  cleanups.push(() => session.close());
  const { poll, write } = session;
  if (poll === undefined || write === undefined) throw new Error("incomplete session");
  return { poll: poll.bind(session), write: write.bind(session), close: session.close.bind(session) };
}

const shown = (reading: Reading, metric: MetricName): SampleValue | undefined =>
  reading.samples.find((sample) => sample.metric === metric)?.value;

describe.each<Transport>(["serial", "rtu-over-tcp", "tcp"])(
  "units that share one address, %s",
  (transport) => {
    test("are polled at once, each is answered for itself, and a command reaches its own", async () => {
      const unit = await start(transport, genericRoomMonitor, genericRoomMonitor, genericPanicButton);
      unit(1).set("Environment/CO2", 1111);
      unit(2).set("Environment/CO2", 2222);
      const rooms = await Promise.all([1, 2].map((each) => open(unit(each).url, genericRoomMonitor)));
      const button = await open(unit(3).url, genericPanicButton);
      const polls = [...rooms, ...rooms, button].map((session) => session.poll(patience()));
      const readings = await Promise.all([...polls, button.write("Relay/1/Closed", true, patience())]);
      const values = readings.map((reading) =>
        reading === undefined ? "" : shown(reading, "Environment/CO2"),
      );
      expect(values).toEqual([1111, 2222, 1111, 2222, undefined, ""]);
      expect(unit(3).get("Relay/1/Closed")).toBe(true);
    });

    test("one that is not there fails alone, and holds the others up no longer than its time", async () => {
      const unit = await start(transport, genericRoomMonitor);
      const missing = await open(`${unit(1).url.replace("unit=1", "unit=9")}&timeout=40`, genericRoomMonitor);
      const there = await open(unit(1).url, genericRoomMonitor);
      const [gone, ...found] = await Promise.allSettled([
        missing.poll(patience()),
        there.poll(patience()),
        there.poll(patience()),
      ]);
      // A TCP gateway says so; on a line there is silence.
      const kind = transport === "tcp" ? "unreachable" : "timeout";
      expect(gone).toMatchObject({ status: "rejected", reason: { kind, retry: true } });
      expect(found.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    });

    test("a profile that does not fit is an exception that no retry mends", async () => {
      const unit = await start(transport, genericPanicButton);
      const session = await open(unit(1).url, genericRoomMonitor);
      await expect(session.poll(patience())).rejects.toMatchObject({
        kind: "device-exception",
        retry: false,
      });
    });

    test("a line that dies and comes back is used again", async () => {
      const unit = await start(transport, genericRoomMonitor);
      for (const fault of ["down", "hang", "garbage"] as const) {
        await unit(1).fault(fault);
        const broken = open(`${unit(1).url}&timeout=40`, genericRoomMonitor).then(async (session) => {
          await session.poll(patience()).finally(() => session.close());
        });
        await expect(broken).rejects.toMatchObject({ retry: true });
        await unit(1).fault(null);
        const session = await open(unit(1).url, genericRoomMonitor);
        expect((await session.poll(patience())).samples.length).toBeGreaterThan(0);
        await session.close();
      }
    });
  },
);

describe("on RTU", () => {
  test("frames that come byte by byte behind another unit's noise are read", async () => {
    const unit = await start("rtu-over-tcp", genericRoomMonitor);
    unit(1).set("Environment/CO2", 777);
    await unit(1).fault("fragmented");
    const session = await open(unit(1).url, genericRoomMonitor);
    for (let poll = 0; poll < 3; poll += 1) {
      expect(shown(await session.poll(patience()), "Environment/CO2")).toBe(777);
    }
  });

  test("an answer that comes late is never taken for another's, nor for a later one", async () => {
    // Two reads of one length: nothing in a frame tells their answers apart.
    const twins: ModbusProfile = {
      ...genericPanicButton,
      identity: {},
      points: {
        "Relay/1/Closed": { kind: "bit", table: "coil", pduAddress: 0 },
        "Relay/2/Closed": { kind: "bit", table: "coil", pduAddress: 9 },
      },
      atRest: { "Relay/1/Closed": true, "Relay/2/Closed": false },
    };
    const unit = await start("rtu-over-tcp", twins);
    await unit(1).fault("late-replies");
    const session = await open(`${unit(1).url}&timeout=30`, twins);
    for (let poll = 0; poll < 4; poll += 1) {
      await expect(session.poll(patience())).rejects.toMatchObject({ retry: true });
    }
    await session.close();
    await unit(1).fault(null);
    const mended = await open(unit(1).url, twins);
    const reading = await mended.poll(patience());
    expect(shown(reading, "Relay/1/Closed")).toBe(true);
    expect(shown(reading, "Relay/2/Closed")).toBe(false);
  });

  test.each([
    "modbus+rtu://",
    "modbus+rtu:///dev/ttyS0?unit=0",
    "modbus+rtu:///dev/ttyS0?unit=255",
    "modbus+rtu:///dev/ttyS0?timeout=none",
    "modbus+rtu:///dev/ttyS0?baud=fast",
    "modbus+rtu://gateway?unit=1",
  ])("%s is refused", async (url) => {
    await expect(open(url, genericPanicButton)).rejects.toMatchObject({ kind: "unsupported", retry: false });
  });
});
