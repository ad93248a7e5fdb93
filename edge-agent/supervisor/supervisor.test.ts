import {
  type DeviceEvent,
  GOOD,
  type Reading,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import { afterEach, describe, expect, test } from "vitest";
import { DeviceModel, type Report } from "../core/device.ts";
import type { Loss } from "../core/outbox-policy.ts";
import { type DeviceSession, DriverError } from "../drivers/driver.ts";
import { clock } from "../testing/test-agent.ts";
import { pause, withDeadline } from "./deadline.ts";
import { READING_ITEMS_MAX, READINGS_PER_S_MAX, READINGS_WAITING_MAX } from "./intake.ts";
import { DeviceSupervisor } from "./supervisor.ts";

const stopping: AbortController[] = [];
afterEach(() => {
  for (const each of stopping.splice(0)) each.abort();
});

const door = (value: SampleValue): Reading => ({
  samples: [{ metric: "Door/Unlocked", value, quality: GOOD, eventTime: 1 }],
  events: [],
});

interface Watched {
  readonly supervisor: DeviceSupervisor;
  readonly model: DeviceModel;
  readonly reports: Report[];
  readonly losses: Loss[];
  readonly failures: unknown[];
  readonly cursors: (string | undefined)[];
  /** How often the device came back. */
  readonly returns: () => number;
  /** Resolves when `condition` holds, looked at whenever something was kept, lost or failed. */
  until(condition: () => boolean): Promise<void>;
}

/** A device whose driver does as the test says, supervised with real timers. */
function watch(
  open: (signal: AbortSignal) => Promise<DeviceSession>,
  kept: () => Promise<void> = () => Promise.resolve(),
  random: () => number = () => 0,
): Watched {
  const reports: Report[] = [];
  const losses: Loss[] = [];
  const failures: unknown[] = [];
  const cursors: (string | undefined)[] = [];
  let watchers: (() => void)[] = [];
  const changed = (): void => {
    const woken = watchers;
    watchers = [];
    for (const each of woken) each();
  };
  let returns = 0;
  const model = new DeviceModel(["Door/Unlocked"], []);
  const supervisor = new DeviceSupervisor({
    model,
    pollInterval_ms: 5,
    open,
    keep: async (more, cursor) => {
      reports.push(...more);
      cursors.push(cursor);
      changed();
      await kept();
    },
    lose: (loss) => {
      losses.push(loss);
      changed();
    },
    onFailure: (error) => {
      failures.push(error);
      changed();
    },
    onReturn: () => {
      returns += 1;
    },
    clock,
    random,
  });
  const controller = new AbortController();
  stopping.push(controller);
  void supervisor.run(controller.signal);
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise<void>((resolve) => watchers.push(resolve));
  };
  return { supervisor, model, reports, losses, failures, cursors, returns: () => returns, until };
}

const well = (): DeviceSession => ({ poll: async () => door(false), close: async () => undefined });
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

test("one silence takes a device offline that cannot be asked, although its next session opens at once", async () => {
  let sessions = 0;
  const { model, reports, until } = watch(async () => {
    sessions += 1;
    const first = sessions === 1;
    return {
      subscribe: async (sink, signal) => {
        if (first) {
          sink(door(true));
          throw new DriverError("timeout", "nothing was heard", { retry: true, conclusive: true });
        }
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      },
      close: async () => undefined,
    };
  });
  const online = (): readonly unknown[] =>
    reports.flatMap(({ samples }) =>
      samples.flatMap(({ metric, value }) => (metric === "Connectivity/Online" ? [value] : [])),
    );
  await until(() => online().length === 2);
  expect(online()).toEqual([true, false]);
  expect(model.latest("Door/Unlocked")).toMatchObject({ value: true, quality: { reason: "unreachable" } });
});

describe("a driver that misbehaves costs only its own device", () => {
  test.each<[string, () => Promise<DeviceSession>]>([
    ["hangs while opening", () => never()],
    ["hangs while polling", async () => ({ ...well(), poll: () => never() })],
    [
      "hangs while closing after a failure",
      async () => ({ poll: () => Promise.reject(new Error("no")), close: () => never() }),
    ],
    [
      "throws where a promise was promised",
      () => {
        throw new Error("not even a promise");
      },
    ],
    ["throws something that is no error", () => Promise.reject("text")],
    ["hangs while identifying", async () => ({ ...well(), identify: () => never() })],
    ["subscribes and fails", async () => ({ ...well(), subscribe: () => Promise.reject(new Error("gone")) })],
  ])("when it %s", async (_how, open) => {
    watch(open);
    const good = watch(async () => well());
    await good.until(() => good.model.online);
    let polls = 0;
    const busy = watch(async () => ({
      poll: async () => {
        polls += 1;
        return { ...door(polls % 2 === 0), cursor: String(polls) };
      },
      close: async () => undefined,
    }));
    await busy.until(() => polls >= 20);
    expect(busy.failures).toEqual([]);
    expect(busy.model.online).toBe(true);
  });

  test("floods: so many readings a second come in, the rest is counted as lost", async () => {
    const readings = READINGS_PER_S_MAX * 2;
    const flooding = watch(
      async () => ({
        subscribe: async (sink) => {
          for (let count = 0; count < readings; count += 1) sink(door(count % 2 === 0));
          await never();
        },
        close: async () => undefined,
      }),
      never,
    );
    await flooding.until(() => flooding.losses.length >= readings - READINGS_WAITING_MAX);
    expect(flooding.reports.filter(({ dataClass }) => dataClass === "access").length).toBeLessThanOrEqual(
      READINGS_WAITING_MAX,
    );
    expect(flooding.losses[0]).toMatchObject({ reason: "flood", count: 1 });
  });

  test("brings a reading of endless size: it is refused whole and counted", async () => {
    const event: DeviceEvent = { event: "Access/Swipe", id: "1", eventTime: 1, quality: GOOD, fields: {} };
    const events = Array.from({ length: READING_ITEMS_MAX + 1 }, () => event);
    const huge = watch(async () => ({
      poll: async () => ({ samples: [], events }),
      close: async () => undefined,
    }));
    await huge.until(() => huge.losses.length > 0);
    expect(huge.losses[0]).toMatchObject({ dataClass: "access", reason: "flood" });
  });
});

test("a device without anything to subscribe to is polled all the same", async () => {
  const unsupported = new DriverError("unsupported", "has no event service", { retry: false });
  const polled = watch(async () => ({ ...well(), subscribe: () => Promise.reject(unsupported) }));
  await polled.until(() => polled.model.online);
  expect(polled.failures).toEqual([]);
});

test("a session that opens after its deadline is closed and not used", async () => {
  let finish: (session: string) => void = () => undefined;
  const opened = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const abandoned = Promise.withResolvers<string>();
  const attempt = withDeadline("opening", 1, new AbortController().signal, () => opened, abandoned.resolve);
  await expect(attempt).rejects.toThrow("opening took longer than 1 ms");
  finish("late");
  expect(await abandoned.promise).toBe("late");
});

describe("a reading that a device sent by itself", () => {
  const point: DeviceEvent = {
    event: "Patrol/Point",
    id: "1",
    eventTime: 1,
    quality: GOOD,
    fields: { point: "north", credential: null },
  };

  /** What became of `readings`, handed over one after the other. */
  async function fates(
    readings: readonly Reading[],
    kept: readonly (() => Promise<void>)[],
  ): Promise<{ settled: boolean[]; offered: number }> {
    const settled: boolean[] = [];
    const waits = [...kept];
    const done = Promise.withResolvers<void>();
    const supervised = watch(
      async () => ({
        subscribe: async (sink) => {
          for (const reading of readings)
            settled.push(await new Promise<boolean>((resolve) => sink(reading, resolve)));
          done.resolve();
          await never();
        },
        close: async () => undefined,
      }),
      () => waits.shift()?.() ?? Promise.resolve(),
    );
    await done.promise;
    expect(supervised.failures).toEqual([]);
    return { settled, offered: supervised.reports.flatMap(({ events }) => events).length };
  }

  test("is told to its driver as kept once it is on the disk", async () => {
    const onDisk = Promise.withResolvers<void>();
    const fate = fates([{ samples: [], events: [point] }], [() => onDisk.promise]);
    expect(await Promise.race([fate, new Promise((resolve) => setImmediate(resolve, "waits"))])).toBe(
      "waits",
    );
    onDisk.resolve();
    expect(await fate).toEqual({ settled: [true], offered: 1 });
  });

  test("is told as lost when the disk refused it, and is news when it is handed over again", async () => {
    const reading = { samples: [], events: [point] };
    const refused = () => Promise.reject(new Error("disk full"));
    expect(await fates([reading, reading, reading], [refused])).toEqual({
      settled: [false, true, true],
      offered: 2,
    });
  });
});

describe("while a device waits for its next attempt", () => {
  /** Back-off at its longest: a test that waits for it does not end. */
  const patient = () => 240;

  test("it is tried at once when what it hangs from is back, and its own return is told once", async () => {
    let opened = 0;
    const device = watch(
      async () => {
        opened += 1;
        if (opened === 1) throw new DriverError("unreachable", "the switch is down", { retry: true });
        return well();
      },
      () => Promise.resolve(),
      patient,
    );
    await device.until(() => device.failures.length === 1);
    await turn();
    device.supervisor.tryNow();
    await device.until(() => device.model.online);
    expect(opened).toBe(2);
    expect(device.returns()).toBe(1);
  });

  test("it is not tried when its login was refused: the account may be locked", async () => {
    let opened = 0;
    const device = watch(async () => {
      opened += 1;
      throw new DriverError("login-refused", "wrong password", { retry: false });
    });
    await device.until(() => device.failures.length === 1);
    await turn();
    device.supervisor.tryNow();
    await turn();
    expect(opened).toBe(1);
  });

  /** The loop is in its pause after this. */
  const turn = () => new Promise((resolve) => setImmediate(resolve));
});

test("a pause ends early when it is told to", async () => {
  const controller = new AbortController();
  const long = pause(1_000_000, controller.signal);
  controller.abort();
  await long;
  await pause(1_000_000, new AbortController().signal, Promise.resolve());
});

describe("a command", () => {
  test("is confirmed when the device shows it, although the write's answer was lost", async () => {
    let held: SampleValue = false;
    const watched = watch(async () => ({
      poll: async () => door(held),
      write: async (_metric, value) => {
        held = value;
        throw new DriverError("timeout", "no answer", { retry: true });
      },
      close: async () => undefined,
    }));
    await watched.until(() => watched.model.online);
    expect(await watched.supervisor.command("Door/Unlocked", true)).toEqual({
      state: "confirmed",
      detail: "",
    });
  });

  test("is refused when the device says no, with what it said", async () => {
    const watched = watch(async () => ({
      ...well(),
      write: () => Promise.reject(new DriverError("device-exception", "exception 2", { retry: false })),
    }));
    await watched.until(() => watched.model.online);
    expect(await watched.supervisor.command("Door/Unlocked", true)).toEqual({
      state: "refused",
      detail: "exception 2",
    });
  });

  test("is refused while the device cannot be reached", async () => {
    const watched = watch(() => Promise.reject(new DriverError("unreachable", "no route", { retry: true })));
    await watched.until(() => watched.failures.length > 0);
    expect(await watched.supervisor.command("Door/Unlocked", true)).toMatchObject({ state: "refused" });
  });
});
