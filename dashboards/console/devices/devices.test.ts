import type { DeviceView } from "@campus-ops/ingest/api";
import { describe, expect, test } from "vitest";
import {
  comparable,
  deviceFilterFromAddress,
  filterDevices,
  inService,
  lastHeard,
  sortDevices,
} from "./filter.ts";
import { doubtAbout } from "./freshness.ts";

const good = { quality: { status: "good" } } as const;
const outOfRange = { quality: { status: "bad", reason: "out-of-range" } } as const;

describe("doubt about a value", () => {
  test("there is none while everything between the device and the page is up", () => {
    expect(doubtAbout(good, "working", true)).toBeUndefined();
    expect(doubtAbout(good, "faulty", true)).toBeUndefined();
  });

  test("names the link nearest to the reader", () => {
    expect(doubtAbout(outOfRange, "stale", false)).toBe("page");
    expect(doubtAbout(outOfRange, "stale", true)).toBe("node");
    expect(doubtAbout(good, "unreachable", true)).toBe("device");
  });

  test("a reading of bad quality is doubted although the device answers", () => {
    expect(doubtAbout(outOfRange, "working", true)).toBe("quality");
  });
});

function device(key: string, health: DeviceView["health"] = "working"): DeviceView {
  const [campus = "", node = "", id = ""] = key.split("/");
  return {
    key,
    campus,
    node,
    device: id,
    class: "camera",
    profile: "camera/onvif-profile-s",
    title: { zh: id, en: id },
    path: `990100/990102/${campus}`,
    proven: "vectors",
    health,
    since: 0,
    metrics: [],
  };
}

describe("the table of devices", () => {
  const devices = [device("a/n/ok"), device("b/n/gone", "unreachable"), device("b/n/broken", "faulty")];
  const everything = deviceFilterFromAddress(new URLSearchParams());
  const inWords = ({ key }: DeviceView) => key;

  test("shows what was taken out of service only to who asks for it", () => {
    const all = [...devices, device("a/n/old", "retired")];
    expect(filterDevices(all, everything, inWords).map(({ key }) => key)).not.toContain("a/n/old");
    const asked = deviceFilterFromAddress(new URLSearchParams("health=retired"));
    expect(filterDevices(all, asked, inWords).map(({ key }) => key)).toEqual(["a/n/old"]);
    expect(inService(all)).toHaveLength(3);
  });

  test("shows what is worst first", () => {
    const found = filterDevices(devices, everything, inWords);
    expect(found.map(({ device }) => device)).toEqual(["broken", "gone", "ok"]);
  });

  test("is put in the order of a column by who asks for it: room 2 before room 10, the longest silent first", () => {
    const heard = [
      { ...device("a/n/camera 10"), heardAt: 30 },
      { ...device("a/n/camera 2"), heardAt: 90, class: "switch" as const },
      { ...device("a/n/hall"), heardAt: 20 },
      device("a/n/never"),
    ];
    const order = (column: "name" | "class" | "contact", descending = false) =>
      sortDevices(heard, { column, descending }, ({ device: id }) => comparable(id)).map(
        ({ device: id }) => id,
      );
    expect(order("name")).toEqual(["camera 2", "camera 10", "hall", "never"]);
    expect(order("name", true)).toEqual(["never", "hall", "camera 10", "camera 2"]);
    expect(order("class")).toEqual(["camera 10", "hall", "never", "camera 2"]);
    expect(order("contact")).toEqual(["never", "hall", "camera 10", "camera 2"]);
    expect(sortDevices(heard, undefined, ({ key }) => key)).toBe(heard);
  });

  test("filters by campus, health and every word of the search", () => {
    const by = (more: object) =>
      filterDevices(devices, { ...everything, ...more }, inWords).map(({ device }) => device);
    expect(by({ campus: "b" })).toEqual(["broken", "gone"]);
    expect(by({ health: "working" })).toEqual(["ok"]);
    expect(by({ search: "B/ gon" })).toEqual(["gone"]);
  });

  test("ignores a class or health in the address that does not exist", () => {
    const filter = deviceFilterFromAddress(new URLSearchParams("class=constructor&health=fine"));
    expect(filter).toMatchObject({ class: "", health: "" });
  });

  test("a device was last heard at its newest receipt, or never", () => {
    expect(lastHeard({ ...device("a/n/d"), heardAt: 20 })).toBe(20);
    expect(lastHeard(device("a/n/d"))).toBeUndefined();
  });

  test("what the edge box says about a silent device is no word from the device", () => {
    expect(lastHeard({ ...device("a/n/d", "unreachable"), since: 50, heardAt: 90 })).toBe(50);
  });
});
