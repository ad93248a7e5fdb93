import { expect, test } from "vitest";
import type { AlarmView, FloodView } from "../api.ts";
import { AlarmPerformance, FLOOD_ALARMS_MAX, FLOOD_WINDOW_MS } from "../core/performance.ts";
import { FloodWatch } from "./flood-watch.ts";

const AT = Date.UTC(2026, 10, 22);
const PATH = "990100/990102/school";

test("a flood is told when it begins, as it grows, and when it is over; a calm desk says nothing", () => {
  const performance = new AlarmPerformance([
    { id: "gate", scope: [`${PATH}/a`] },
    { id: "calm", scope: [`${PATH}/b`] },
  ]);
  let time = AT;
  const told: FloodView[] = [];
  const watch = new FloodWatch({ performance, tell: (flood) => void told.push(flood), now: () => time });
  const ring = (count: number): void => {
    for (let index = 0; index < count; index += 1) {
      const alarm = {
        id: `${told.length} ${index}`,
        device: { path: `${PATH}/a/1` },
      } as unknown as AlarmView;
      performance.rang(alarm, time);
      watch.look();
    }
  };
  ring(FLOOD_ALARMS_MAX);
  expect(told).toEqual([]);
  ring(2);
  expect(told).toEqual([
    { desk: "gate", scope: [`${PATH}/a`], newAlarms: FLOOD_ALARMS_MAX + 1, since: AT },
    { desk: "gate", scope: [`${PATH}/a`], newAlarms: FLOOD_ALARMS_MAX + 2, since: AT },
  ]);
  watch.look();
  time += FLOOD_WINDOW_MS;
  watch.look();
  watch.look();
  expect(told.slice(2)).toEqual([{ desk: "gate", scope: [`${PATH}/a`], newAlarms: 0 }]);
  expect(watch.floods().map(({ desk, since }) => [desk, since])).toEqual([
    ["gate", undefined],
    ["calm", undefined],
  ]);
});
