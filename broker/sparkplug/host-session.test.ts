import { CampusId, DataType, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { describe, expect, test } from "vitest";
import { decodePayload, encodePayload } from "./codec.ts";
import { type HostEffect, HostSession } from "./host-session.ts";
import { readState, stateMessage } from "./host-state.ts";
import { REBIRTH_ATTEMPTS_MAX, REORDER_MESSAGES_MAX } from "./node-session.ts";
import type { Metric } from "./payload.ts";
import { type DeviceMessageType, formatTopic, type NodeMessageType } from "./topics.ts";

const campus = CampusId("qiyun-no1");
const node = NodeId("edge-a");
const device = DeviceId("gate-1");
const utf8 = new TextDecoder();

function connected(): HostSession {
  const host = new HostSession({ host: "hub", reorderMs: 1_000, rebirthIntervalMs: 5_000 });
  host.connect(100);
  host.connected();
  host.subscribed(100);
  return host;
}

/** The effects that a message has, in short: `accept NDATA`, `discard gap`, `rebirth gap`, `publish NCMD`. */
const brief = (effects: readonly HostEffect[]) =>
  effects.map((effect) => {
    switch (effect.kind) {
      case "accept":
        return `accept ${effect.message.type} ${effect.message.payload.seq ?? "-"}`;
      case "discard":
      case "rebirth":
        return `${effect.kind} ${effect.reason}`;
      case "publish":
        return `publish ${effect.publication.topic}`;
      default:
        return effect.kind;
    }
  });

const REQUEST = "publish spBv1.0/qiyun-no1/NCMD/edge-a";

function node_(
  host: HostSession,
  type: NodeMessageType,
  metrics: readonly Metric[],
  seq: number | undefined,
  time = 1_000,
) {
  const payload = encodePayload({ metrics, ...(seq === undefined ? {} : { seq }) });
  return brief(host.message(formatTopic({ type, address: { campus, node } }), payload, time));
}

function device_(
  host: HostSession,
  type: DeviceMessageType,
  seq: number,
  metrics: readonly Metric[] = [],
  time = 1_000,
) {
  const topic = formatTopic({ type, address: { campus, node, device } });
  return brief(host.message(topic, encodePayload({ metrics, seq }), time));
}

const bdSeq = (value: number): Metric => ({ name: "bdSeq", datatype: DataType.Int64, value });
const declared: Metric = { name: "Edge/Memory", alias: 1, datatype: DataType.Double, value: 1 };
const value: Metric = { alias: 1, value: 2.5 };
const birth = (host: HostSession, seq = 0, time = 1_000) =>
  node_(host, "NBIRTH", [bdSeq(3), declared], seq, time);
const data = (host: HostSession, seq: number, time = 1_000) => node_(host, "NDATA", [value], seq, time);

describe("the host's own STATE", () => {
  test("the will is offline, retained, QoS 1, with the time of CONNECT [tck-id-host-topic-phid-death-payload-timestamp-connect] [tck-id-host-topic-phid-death-retain] [tck-id-host-topic-phid-death-qos] [tck-id-operational-behavior-host-application-connect-will-topic]", () => {
    const [effect] = new HostSession({ host: "hub" }).connect(1234);
    if (effect?.kind !== "connect") throw new Error("no connect");
    expect(effect.will).toMatchObject({ topic: "spBv1.0/STATE/hub", qos: 1, retain: true });
    expect(JSON.parse(utf8.decode(effect.will.payload))).toEqual({ online: false, timestamp: 1234 });
  });

  test("subscribes first, then publishes its birth with the will's timestamp [tck-id-message-flow-phid-sparkplug-subscription] [tck-id-host-topic-phid-birth-payload-timestamp] [tck-id-host-topic-phid-birth-retain] [tck-id-host-topic-phid-birth-qos]", () => {
    const host = new HostSession({ host: "hub" });
    host.connect(1234);
    expect(host.connected()).toMatchObject([
      { kind: "subscribe", subscriptions: [{ filter: "spBv1.0/#" }, { filter: "spBv1.0/STATE/hub" }] },
    ]);
    expect(host.subscribed(1300)).toEqual([
      { kind: "publish", publication: stateMessage("hub", { online: true, timestamp: 1234 }) },
    ]);
  });

  test("says that it is online when it hears that it is not [tck-id-message-flow-hid-sparkplug-state-message-delivered]", () => {
    const host = connected();
    const { topic, payload } = stateMessage("hub", { online: false, timestamp: 100 });
    const again = { kind: "publish", publication: stateMessage("hub", { online: true, timestamp: 100 }) };
    expect(host.message(topic, payload, 200)).toEqual([again]);
    expect(host.message(topic, stateMessage("hub", { online: true, timestamp: 100 }).payload, 200)).toEqual(
      [],
    );
    expect(host.message("spBv1.0/STATE/other", payload, 200)).toEqual([]);
  });

  test("an intended end publishes offline with the time of the end, then disconnects [tck-id-operational-behavior-host-application-termination] [tck-id-host-topic-phid-death-payload-timestamp-disconnect-clean]", () => {
    const host = connected();
    expect(host.stop(900)).toEqual([
      { kind: "publish", publication: stateMessage("hub", { online: false, timestamp: 900 }) },
      { kind: "disconnect" },
    ]);
  });

  test.each(["ONLINE", "{}", '{"online":1,"timestamp":2}', '{"online":true}', "null", "["])(
    "%s is no STATE",
    (text) => {
      expect(readState(new TextEncoder().encode(text))).toBeUndefined();
    },
  );
});

describe("order", () => {
  test("messages in order are accepted, over the wrap 255 → 0", () => {
    const host = connected();
    expect(birth(host, 254)).toEqual(["accept NBIRTH 254"]);
    expect([...data(host, 255), ...data(host, 0), ...data(host, 1)]).toEqual([
      "accept NDATA 255",
      "accept NDATA 0",
      "accept NDATA 1",
    ]);
  });

  test("one that comes too early waits for those before it, and the timer ends [tck-id-operational-behavior-host-reordering-start] [tck-id-operational-behavior-host-reordering-success]", () => {
    const host = connected();
    birth(host);
    expect([...data(host, 3), ...data(host, 2)]).toEqual([]);
    expect(data(host, 1)).toEqual(["accept NDATA 1", "accept NDATA 2", "accept NDATA 3"]);
    expect(brief(host.tick(60_000))).toEqual([]);
  });

  test("when those do not come in time a rebirth is requested, and nothing is accepted before it [tck-id-operational-behavior-host-reordering-rebirth] [tck-id-operational-behavior-data-commands-ncmd-rebirth-verb]", () => {
    const host = connected();
    birth(host);
    data(host, 2, 1_000);
    expect(brief(host.tick(1_999))).toEqual([]);
    expect(brief(host.tick(2_000))).toEqual(["discard gap", "rebirth gap", REQUEST]);
    expect(data(host, 3, 2_100)).toEqual(["discard not-born"]);
    expect(birth(host, 0, 2_200)).toEqual(["accept NBIRTH 0"]);
    expect(data(host, 1, 2_300)).toEqual(["accept NDATA 1"]);
  });

  test("what waits is bounded", () => {
    const host = connected();
    birth(host);
    for (let seq = 2; seq < 2 + REORDER_MESSAGES_MAX; seq += 1) expect(data(host, seq)).toEqual([]);
    const effects = data(host, 2 + REORDER_MESSAGES_MAX);
    expect(effects.filter((each) => each === "discard gap")).toHaveLength(REORDER_MESSAGES_MAX + 1);
    expect(effects.at(-1)).toBe(REQUEST);
  });

  test("a message without seq is a gap [tck-id-payloads-sequence-num-always-included]", () => {
    const host = connected();
    birth(host);
    expect(node_(host, "NDATA", [value], undefined)).toEqual(["discard gap", "rebirth gap", REQUEST]);
  });
});

describe("births and deaths", () => {
  test("DATA of a node that was never born asks for its birth, with a command that says so", () => {
    const host = connected();
    expect(data(host, 5)).toEqual(["discard not-born", "rebirth not-born", REQUEST]);
    const [, request] = host.requestRebirth({ campus, node }, 60_000);
    if (request?.kind !== "publish") throw new Error("no request");
    expect(request.publication).toMatchObject({ qos: 0, retain: false });
    expect(decodePayload(request.publication.payload)).toEqual({
      ok: true,
      payload: {
        timestamp: 60_000,
        metrics: [{ name: "Node Control/Rebirth", timestamp: 60_000, value: true }],
      },
    });
  });

  test("an alias that no birth declared asks for a rebirth; what is known stays accepted", () => {
    const host = connected();
    birth(host);
    expect(node_(host, "NDATA", [{ alias: 77, value: 1 }], 1)).toEqual([
      "discard unknown-alias",
      "rebirth unknown-alias",
      REQUEST,
    ]);
    expect(data(host, 2)).toEqual(["accept NDATA 2"]);
  });

  test("NDEATH counts when its bdSeq is the birth's; a late will is passed over", () => {
    const host = connected();
    birth(host);
    expect(node_(host, "NDEATH", [bdSeq(2)], undefined)).toEqual(["discard late-death"]);
    expect(data(host, 1)).toEqual(["accept NDATA 1"]);
    expect(node_(host, "NDEATH", [bdSeq(3)], undefined)).toEqual(["accept NDEATH -"]);
    expect(node_(host, "NDEATH", [bdSeq(3)], undefined)).toEqual(["discard late-death"]);
    expect(brief(host.tick(60_000))).toEqual([]);
  });

  test("a device's DATA needs its DBIRTH, and again after its DDEATH", () => {
    const host = connected();
    birth(host);
    expect(device_(host, "DDATA", 1, [value])).toEqual(["discard not-born", "rebirth not-born", REQUEST]);
    expect(device_(host, "DBIRTH", 2, [declared])).toEqual(["accept DBIRTH 2"]);
    expect(device_(host, "DDATA", 3, [value])).toEqual(["accept DDATA 3"]);
    expect(device_(host, "DDEATH", 4)).toEqual(["accept DDEATH 4"]);
    expect(device_(host, "DDATA", 5, [value])).toEqual(["discard not-born"]);
  });

  test("requests go out once in an interval, and not for ever after the last word of a node", () => {
    const host = connected();
    expect(data(host, 1, 1_000)).toContain(REQUEST);
    expect(data(host, 2, 2_000)).toEqual(["discard not-born"]);
    expect(brief(host.tick(5_999))).toEqual([]);
    const times = [6_000, 11_000, 16_000, 21_000, 26_000];
    const requests = times.flatMap((time) => brief(host.tick(time))).filter((each) => each === REQUEST);
    expect(requests).toHaveLength(REBIRTH_ATTEMPTS_MAX);
  });

  test("after a lost link every node has to be born anew, and is asked when it does not do so itself", () => {
    const host = connected();
    birth(host);
    host.connectionLost();
    host.connect(10_000);
    host.connected();
    host.subscribed(10_000);
    expect(brief(host.tick(14_999))).toEqual([]);
    expect(brief(host.tick(15_000))).toEqual(["rebirth silent", REQUEST]);
  });
});

describe("what does not belong", () => {
  test("a malformed payload is reported, and the next message in order is still accepted after a rebirth", () => {
    const host = connected();
    birth(host);
    const topic = formatTopic({ type: "NDATA", address: { campus, node } });
    expect(brief(host.message(topic, Uint8Array.from([0x12, 0xff]), 1_000))).toEqual(["malformed"]);
    expect(birth(host)).toEqual(["accept NBIRTH 0"]);
  });

  test("commands, strangers and other topics are passed over", () => {
    const host = connected();
    for (const topic of [
      "spBv1.0/qiyun-no1/NCMD/edge-a",
      "spBv1.0/Plant 1/NDATA/Edge",
      "hello",
      "spBv1.0/x",
    ]) {
      expect(host.message(topic, new Uint8Array(), 1_000)).toEqual([]);
    }
  });
});
