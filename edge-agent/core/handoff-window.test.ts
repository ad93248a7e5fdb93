import fc from "fast-check";
import { expect, test } from "vitest";
import { DRAIN_RECORDS_START } from "./drain-window.ts";
import {
  ACKNOWLEDGE_MS_MAX,
  BACKLOG_BURST_RECORDS,
  HandoffWindow,
  IN_FLIGHT_RECORDS_MAX,
  LIVE_RESERVE_RECORDS,
  PRECIOUS_RESERVE_RECORDS,
} from "./handoff-window.ts";

const run = (first: number) => ({ first, last: first });

test("the backlog leaves room for the live stream, which may fill the window", () => {
  const window = new HandoffWindow(Number.POSITIVE_INFINITY);
  window.restart(0);
  let next = 1;
  // A hub that acknowledges at once opens the window as far as it goes.
  for (let round = 0; round < 10; round += 1) {
    const begin = next;
    for (; window.alarmAllowance() > 0; next += 1) window.sent(run(next), 0, "alarm");
    if (round === 9) break;
    window.acknowledged(
      Array.from({ length: next - begin }, (_, index) => run(begin + index)),
      0,
    );
  }
  expect(window.inFlight.size).toBe(IN_FLIGHT_RECORDS_MAX - LIVE_RESERVE_RECORDS);
  expect(window.admitsLive()).toBe(true);
  for (; window.admitsLive(); next += 1) window.sent(run(next), 0, "live");
  expect(window.inFlight.size).toBe(IN_FLIGHT_RECORDS_MAX);
});

test("what is not acknowledged in time is sent again, with growing patience until the host speaks", () => {
  const window = new HandoffWindow();
  window.restart(0);
  window.sent(run(1), 0, "live");
  expect(window.overdue(ACKNOWLEDGE_MS_MAX - 1)).toBe(0);
  expect(window.overdue(ACKNOWLEDGE_MS_MAX)).toBe(1);
  window.sent(run(1), 0, "backlog");
  expect(window.overdue(ACKNOWLEDGE_MS_MAX)).toBe(0);
  expect(window.overdue(ACKNOWLEDGE_MS_MAX * 2)).toBe(1);
  window.acknowledged([run(1)], ACKNOWLEDGE_MS_MAX * 2);
  window.sent(run(2), 0, "live");
  expect(window.overdue(ACKNOWLEDGE_MS_MAX)).toBe(1);
});

test("an acknowledgement of other numbers ends nothing", () => {
  const window = new HandoffWindow();
  window.restart(0);
  window.sent({ first: 5, last: 9 }, 0, "live");
  window.acknowledged([{ first: 5, last: 8 }, run(6)], 0);
  expect(window.inFlight.size).toBe(1);
  window.acknowledged([{ first: 5, last: 9 }], 0);
  expect(window.inFlight.size).toBe(0);
});

test("the backlog never goes faster than its rate, bursts included", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(500), { maxLength: 50 }), (waits) => {
      const rate = 1_000;
      const window = new HandoffWindow(rate);
      window.restart(0);
      let uptime_ms = 0;
      let sent = 0;
      for (const wait_ms of waits) {
        uptime_ms += wait_ms;
        for (let left = window.backlogAllowance(uptime_ms); left > 0; left -= 1) {
          sent += 1;
          window.sent(run(sent), uptime_ms, "backlog");
          window.acknowledged([run(sent)], uptime_ms);
        }
        expect(sent).toBeLessThanOrEqual(BACKLOG_BURST_RECORDS + (uptime_ms / 1_000) * rate);
      }
    }),
  );
});

test("a hub that acknowledges nothing but alarms and access is still sent those, and asked for the rest ever more rarely", () => {
  const window = new HandoffWindow();
  window.restart(0);
  let next = 1;
  for (; window.admitsLive(); next += 1) window.sent(run(next), 0, "live");
  expect(window.inFlight.size).toBe(IN_FLIGHT_RECORDS_MAX - PRECIOUS_RESERVE_RECORDS);
  expect(window.backlogAllowance(0)).toBe(0);
  expect(window.admitsLive(true)).toBe(true);
  expect(window.alarmAllowance()).toBe(DRAIN_RECORDS_START);
  expect(window.backlogAllowance(0, true)).toBe(DRAIN_RECORDS_START);

  // The hub takes an alarm every second; what it does not take comes after 10 s, then 20 s, 40 s …
  const asked: number[] = [];
  for (let uptime_ms = 1_000; uptime_ms <= 100_000; uptime_ms += 1_000) {
    next += 1;
    window.sent(run(next), uptime_ms, "alarm");
    window.acknowledged([run(next)], uptime_ms);
    if (window.overdue(uptime_ms) === 0) continue;
    asked.push(uptime_ms / 1_000);
    window.sent(run(1), uptime_ms, "backlog");
  }
  expect(asked).toEqual([10, 30, 70]);
});
