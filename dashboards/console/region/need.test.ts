import { expect, test } from "vitest";
import type { AlarmView, RollupView } from "../../api/api.ts";
import { campusesInNeed } from "./need.ts";

const campus = (id: string, counts: RollupView["counts"] = {}): RollupView => ({
  path: `1/2/${id}`,
  level: "campus",
  title: { zh: id, en: id },
  from: 0,
  to: 1,
  counts: { "devices.registered": 10, "devices.working": 10, ...counts },
  children: [],
});
const city = (...children: RollupView[]): RollupView => ({
  ...campus("city"),
  path: "1",
  level: "city",
  children,
});
const alarm = (id: string, state: AlarmView["state"], raisedAt: number) =>
  ({ state, raisedAt, device: { campus: id } }) as AlarmView;
const order = (root: RollupView, alarms: AlarmView[] = []) =>
  campusesInNeed(root, alarms).map(({ view }) => view.title.en);

test("a red alarm outranks any number of others, and a campus without trouble is not shown", () => {
  expect(
    order(
      city(
        campus("quiet"),
        campus("blue", { "alarms.priority4": 40 }),
        campus("red", { "alarms.priority1": 1 }),
        campus("orange", { "alarms.priority2": 9 }),
      ),
    ),
  ).toEqual(["red", "orange", "blue"]);
});

test("among equals who has waited longest comes first; what was acknowledged does not wait", () => {
  const both = { "alarms.priority2": 1 };
  const root = city(campus("a", both), campus("b", both), campus("c", both));
  const alarms = [
    alarm("a", "unacknowledged", 500),
    alarm("b", "unacknowledged", 300),
    alarm("c", "acknowledged", 1),
  ];
  expect(order(root, alarms)).toEqual(["b", "a", "c"]);
  expect(campusesInNeed(root, alarms).map(({ waitingSince }) => waitingSince)).toEqual([300, 500, undefined]);
});

test("a box that is offline hides its alarms, so it counts more than yellow ones", () => {
  expect(
    order(
      city(
        campus("yellow", { "alarms.priority3": 5 }),
        campus("dark", { "nodes.registered": 1, "nodes.online": 0 }),
      ),
    ),
  ).toEqual(["dark", "yellow"]);
});
