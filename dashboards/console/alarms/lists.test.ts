import type { AlarmView } from "@campus-ops/rules/api";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filterAlarms, filterFromAddress } from "./filter.ts";
import { collapseLow, detectFlood, FLOOD_ALARMS_MAX, FLOOD_WINDOW_MS, toldFlood } from "./flood.ts";
import { groupByCause } from "./grouping.ts";
import { NOTHING_PRESENTED, newestFirst, PINNED_MAX, pinRed, present } from "./list-order.ts";

function alarm(id: string, more: Partial<AlarmView> = {}): AlarmView {
  return {
    id,
    occurrence: 1,
    rule: "camera-offline",
    priority: 3,
    state: "unacknowledged",
    title: { zh: "摄像机离线", en: "Camera offline" },
    device: {
      key: `qiyun/edge-1/${id}`,
      title: { zh: "东门摄像机", en: "East gate camera" },
      class: "camera",
      path: "990100/990102/qiyun/gate",
      campus: "qiyun",
    },
    raisedAt: 1000,
    receivedAt: 1000,
    symptoms: 0,
    updatedAt: 1000,
    ...more,
  };
}

const ids = (groups: readonly { alarm: AlarmView }[]) => groups.map((group) => group.alarm.id);

describe("grouping by cause", () => {
  test("a switch's failure takes the cameras behind it under itself", () => {
    const groups = groupByCause([
      alarm("camera-1", { causeId: "switch" }),
      alarm("switch"),
      alarm("camera-2", { causeId: "switch" }),
    ]);
    expect(ids(groups)).toEqual(["switch"]);
    expect(groups[0]?.symptoms.map(({ id }) => id)).toEqual(["camera-1", "camera-2"]);
  });

  test("a symptom whose cause is not in the list stands by itself", () => {
    expect(ids(groupByCause([alarm("camera", { causeId: "gone" })]))).toEqual(["camera"]);
  });

  test("a symptom of a symptom goes to the topmost cause", () => {
    const groups = groupByCause([alarm("a"), alarm("b", { causeId: "a" }), alarm("c", { causeId: "b" })]);
    expect(ids(groups)).toEqual(["a"]);
    expect(groups[0]?.symptoms.map(({ id }) => id)).toEqual(["b", "c"]);
  });

  test("no alarm is ever lost or doubled, whatever points at whatever", () => {
    const links = fc.array(fc.option(fc.nat(12), { nil: undefined }), { maxLength: 12 });
    fc.assert(
      fc.property(links, (causes) => {
        const alarms = causes.map((cause, i) =>
          alarm(`${i}`, cause === undefined ? {} : { causeId: `${cause}` }),
        );
        const groups = groupByCause(alarms);
        const seen = groups.flatMap((group) => [group.alarm.id, ...group.symptoms.map(({ id }) => id)]);
        expect(seen.toSorted()).toEqual(alarms.map(({ id }) => id).toSorted());
      }),
    );
  });
});

describe("the order of the list", () => {
  test("is newest first, and acknowledging does not move an alarm", () => {
    const before = groupByCause([alarm("old", { raisedAt: 1 }), alarm("new", { raisedAt: 2 })]);
    const after = groupByCause([
      alarm("old", { raisedAt: 1 }),
      alarm("new", { raisedAt: 2, state: "acknowledged", updatedAt: 9 }),
    ]);
    expect(ids(newestFirst(before))).toEqual(["new", "old"]);
    expect(ids(newestFirst(after))).toEqual(["new", "old"]);
  });

  test("red ones are pinned above the others, even when they are older", () => {
    const sections = pinRed(
      newestFirst(
        groupByCause([alarm("red", { raisedAt: 1, priority: 1 }), alarm("yellow", { raisedAt: 2 })]),
      ),
    );
    expect(ids(sections.pinned)).toEqual(["red"]);
    expect(ids(sections.rest)).toEqual(["yellow"]);
  });

  test("red ones beyond the pinned part's bound are still in the list", () => {
    const reds = Array.from({ length: PINNED_MAX + 3 }, (_, i) =>
      alarm(`r${i}`, { priority: 1, raisedAt: i }),
    );
    const sections = pinRed(newestFirst(groupByCause(reds)));
    expect(sections.pinned).toHaveLength(PINNED_MAX);
    expect(ids(sections.rest)).toEqual(["r2", "r1", "r0"]);
  });
});

describe("the list under the cursor", () => {
  const onScreen = { shown: ["b", "a"], waiting: [] };

  test("shows everything at once while nobody holds it", () => {
    expect(present(onScreen, ["c", "b"], false, "wait")).toEqual({ shown: ["c", "b"], waiting: [] });
  });

  test("lets new alarms wait while it is held, and keeps the row of one that has gone", () => {
    expect(present(onScreen, ["d", "c", "b"], true, "wait")).toEqual({
      shown: ["b", "a"],
      waiting: ["d", "c"],
    });
  });

  test("appends new red ones rather than let them wait", () => {
    expect(present(onScreen, ["c", "b", "a"], true, "append")).toEqual({
      shown: ["b", "a", "c"],
      waiting: [],
    });
  });

  test("fills an empty list although the pointer rests on it", () => {
    expect(present(NOTHING_PRESENTED, ["a"], true, "wait").shown).toEqual(["a"]);
  });

  test("never moves a row while it is held, whatever comes and goes", () => {
    const anyIds = fc.uniqueArray(fc.stringMatching(/^[a-f]$/), { minLength: 1 });
    fc.assert(
      fc.property(
        anyIds,
        fc.array(anyIds),
        fc.constantFrom("wait" as const, "append" as const),
        (first, later, how) => {
          let presented = present(NOTHING_PRESENTED, first, false, how);
          for (const current of later) {
            presented = present(presented, current, true, how);
            expect(presented.shown.slice(0, first.length)).toEqual(first);
            const accounted = new Set([...presented.shown, ...presented.waiting]);
            expect(current.every((id) => accounted.has(id))).toBe(true);
          }
        },
      ),
    );
  });
});

describe("a flood", () => {
  test("is what the platform says it is, at the desks of the campus that is looked at", () => {
    const first = { desk: "first", scope: ["990100/990102/first"], newAlarms: 12, since: 1 };
    const second = { desk: "second", scope: ["990100/990102/second"], newAlarms: 3 };
    const county = { desk: "county", scope: ["990100/990102"], newAlarms: 4 };
    expect(toldFlood([])).toBeUndefined();
    expect(toldFlood([first, second])).toEqual({ flooded: true, recent: 12 });
    expect(toldFlood([first, second], "second")).toEqual({ flooded: false, recent: 3 });
    expect(toldFlood([first, county], "second")).toEqual({ flooded: false, recent: 4 });
    expect(toldFlood([first], "second")).toBeUndefined();
  });

  const many = (count: number, receivedAt: number) =>
    groupByCause(Array.from({ length: count }, (_, i) => alarm(`${i}`, { receivedAt })));

  test("begins with the eleventh new alarm in ten minutes", () => {
    expect(detectFlood(many(FLOOD_ALARMS_MAX, 0), 1).flooded).toBe(false);
    expect(detectFlood(many(FLOOD_ALARMS_MAX + 1, 0), 1)).toEqual({ flooded: true, recent: 11 });
  });

  test("ends when the alarms are ten minutes old", () => {
    expect(detectFlood(many(20, 0), FLOOD_WINDOW_MS).flooded).toBe(false);
  });

  test("is not made by the symptoms of one cause", () => {
    const cameras = Array.from({ length: 200 }, (_, i) => alarm(`camera-${i}`, { causeId: "switch" }));
    expect(detectFlood(groupByCause([alarm("switch"), ...cameras]), 1001)).toEqual({
      flooded: false,
      recent: 1,
    });
  });

  test("collapses the yellow and the blue, counts them, and leaves the red and the orange", () => {
    const groups = groupByCause(([1, 2, 3, 4, 4] as const).map((priority, i) => alarm(`${i}`, { priority })));
    const { kept, collapsed } = collapseLow(groups);
    expect(kept.map((group) => group.alarm.priority)).toEqual([1, 2]);
    expect(collapsed).toBe(3);
  });
});

describe("the filter", () => {
  const filter = filterFromAddress(new URLSearchParams("campus=qiyun&priority=1,3&q=%E4%B8%9C%E9%97%A8"));
  const inWords = (each: AlarmView) => `${each.title.zh} ${each.device.title.zh}`;

  test("is read from the address, and unknown priorities in it are ignored", () => {
    expect([...filterFromAddress(new URLSearchParams("priority=2,9,x")).priorities]).toEqual([2]);
    expect([...filter.priorities]).toEqual([1, 3]);
    expect(filter.state).toBe("active");
  });

  test("finds by what is on the screen, within campus and priority", () => {
    const found = filterAlarms(
      [
        alarm("yes"),
        alarm("other-priority", { priority: 2 }),
        alarm("other-campus", { device: { ...alarm("x").device, campus: "else" } }),
        alarm("other-words", { device: { ...alarm("x").device, title: { zh: "西门", en: "West" } } }),
      ],
      filter,
      inWords,
    );
    expect(found.map(({ id }) => id)).toEqual(["yes"]);
  });

  test("leaves out what is back to normal, unless all records are asked for", () => {
    const gone = alarm("gone", { state: "normal" });
    const everything = { ...filter, search: "" };
    expect(filterAlarms([gone], everything, inWords)).toEqual([]);
    expect(filterAlarms([gone], { ...everything, state: "all" }, inWords)).toEqual([gone]);
    const mine = alarm("mine", { priority: 1, assigned: { to: "guard", by: "desk", at: 2 } });
    const others = alarm("theirs", { priority: 1, assigned: { to: "electrician", by: "guard", at: 2 } });
    const given = { ...everything, assignee: "guard" };
    expect(filterAlarms([mine, others, alarm("nobody")], given, inWords)).toEqual([mine]);
    expect(filterFromAddress(new URLSearchParams("assignee=guard")).assignee).toBe("guard");
  });
});
