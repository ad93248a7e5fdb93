import { JournalDecoder, type NewEntry } from "@campus-ops/broker/journal";
import { describe, expect, test } from "vitest";
import { DEVICES_MAX, OwnNode } from "./own-node.ts";
import { tellServices } from "./own-services.ts";

const title = { zh: "渠道", en: "Channel" };
const broken = { title, working: false, reason: { zh: "断了", en: "broken" } };
const working = { title, working: true };

/** An own node whose entries go into a list, or are refused. */
function own() {
  const entries: NewEntry[] = [];
  const refused: unknown[] = [];
  let full = false;
  const node = new OwnNode({
    id: "hub",
    path: "990100",
    append: async (entry) => {
      if (full) throw new Error("the disk is full");
      entries.push(entry);
    },
    now: () => 1_000,
    onRefused: (error) => refused.push(error),
  });
  const decoder = new JournalDecoder();
  let seq = 0;
  /** What the entries of since the last call say. */
  const said = () =>
    entries.splice(0).map((entry) => {
      seq += 1;
      const { kind, address, samples, properties } = decoder.decode({ ...entry, seq });
      const values = samples.filter(({ metric }) => metric.startsWith("Service/")).map(({ value }) => value);
      return { kind, device: address?.device, class: properties?.class, path: properties?.path, values };
    });
  return { node, said, refused, fill: (is: boolean) => (full = is) };
}

describe("the hub as a node of its own", () => {
  test("is born with the first of its services, and tells of each when it says something new", () => {
    const { node, said } = own();
    node.tell("channel-mail", working);
    node.tell("channel-mail", working);
    expect(said()).toEqual([
      { kind: "NBIRTH", device: undefined, class: "hub", path: "990100", values: [] },
      { kind: "DBIRTH", device: "channel-mail", class: "service", path: "990100", values: [true, "", ""] },
    ]);
    node.tell("channel-mail", broken);
    expect(said()).toMatchObject([
      { kind: "DDATA", device: "channel-mail", values: [false, "断了", "broken"] },
    ]);
    node.tell("channel-mail", { ...broken });
    expect(said()).toEqual([]);
    node.tell("channel-mail", working);
    expect(said()).toMatchObject([{ kind: "DDATA", values: [true, "", ""] }]);
  });

  test("tells again what the journal did not take", async () => {
    const { node, said, refused, fill } = own();
    fill(true);
    node.tell("broker", broken);
    await new Promise((resolve) => setImmediate(resolve));
    expect(refused).toHaveLength(2);
    fill(false);
    node.tell("broker", broken);
    expect(said().map(({ kind }) => kind)).toEqual(["NBIRTH", "DBIRTH"]);
  });

  test("has a bound on its services and flows", () => {
    const { node } = own();
    for (let index = 0; index < DEVICES_MAX; index += 1) node.tell(`channel-${index}`, working);
    expect(() => node.tell("one-more", working)).toThrow(RangeError);
  });

  test("tells of a flow's alarm as of a device", () => {
    const { node, said } = own();
    const text = { zh: "太热", en: "too hot" };
    node.tellFlow("server-room", { title, raised: true, priority: 2, text });
    expect(said()[1]).toMatchObject({ kind: "DBIRTH", device: "flow-server-room", class: "flow" });
    node.tellFlow("server-room", { title, raised: true, priority: 2, text });
    node.tellFlow("server-room", { title, raised: false, priority: 2, text });
    expect(said()).toMatchObject([{ kind: "DDATA", device: "flow-server-room" }]);
  });

  test("says of broker, registry, store, reception and disk what happened, what is kept and what to do", () => {
    const { node, said } = own();
    tellServices(node, { broker: true, away: new Map(), isFlooded: false, room: "ample" });
    expect(said().map(({ device, values }) => [device, values[0]])).toEqual([
      [undefined, undefined],
      ["broker", true],
      ["registry", true],
      ["store", true],
      ["reception", true],
      ["disk", true],
    ]);
    tellServices(node, {
      broker: false,
      away: new Map([["store", "ECONNREFUSED"]]),
      isFlooded: true,
      room: "exhausted",
    });
    const told = said();
    expect(told.map(({ device }) => device)).toEqual(["broker", "store", "reception", "disk"]);
    expect(told[1]?.values).toEqual([
      false,
      "写不进去（ECONNREFUSED）。日志保留全部数据，恢复后自动补写",
      "It cannot be written (ECONNREFUSED). The journal keeps everything, and it is written afterwards",
    ]);
  });
});
