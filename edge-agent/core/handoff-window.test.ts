import fc from "fast-check";
import { expect, test } from "vitest";
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
  const window = new HandoffWindow();
  window.restart(0);
  for (let first = 1; window.alarmAllowance() > 0; first += 1) window.sent(run(first), 0, "alarm");
  expect(window.inFlight.size).toBe(IN_FLIGHT_RECORDS_MAX - LIVE_RESERVE_RECORDS);
  expect(window.admitsLive()).toBe(true);
  for (let first = 10_000; window.admitsLive(); first += 1) window.sent(run(first), 0, "live");
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
  window.acknowledged([run(1)]);
  window.sent(run(2), 0, "live");
  expect(window.overdue(ACKNOWLEDGE_MS_MAX)).toBe(1);
});

test("an acknowledgement of other numbers ends nothing", () => {
  const window = new HandoffWindow();
  window.restart(0);
  window.sent({ first: 5, last: 9 }, 0, "live");
  window.acknowledged([{ first: 5, last: 8 }, run(6)]);
  expect(window.inFlight.size).toBe(1);
  window.acknowledged([{ first: 5, last: 9 }]);
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
          window.acknowledged([run(sent)]);
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
  expect(window.alarmAllowance()).toBe(PRECIOUS_RESERVE_RECORDS);
  expect(window.backlogAllowance(0, true)).toBe(BACKLOG_BURST_RECORDS);

  // The hub takes an alarm every second; what it does not take comes after 10 s, then 20 s, 40 s …
  const asked: number[] = [];
  for (let uptime_ms = 1_000; uptime_ms <= 100_000; uptime_ms += 1_000) {
    next += 1;
    window.sent(run(next), uptime_ms, "alarm");
    window.acknowledged([run(next)]);
    if (window.overdue(uptime_ms) === 0) continue;
    asked.push(uptime_ms / 1_000);
    window.sent(run(1), uptime_ms, "backlog");
  }
  expect(asked).toEqual([10, 30, 70]);
});
