import { CampusId, DataType, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodePayload } from "./codec.ts";
import { rebirthCommand, writeCommand } from "./commands.ts";
import {
  type EdgeEffect,
  type EdgeInput,
  type EdgeSession,
  type EdgeSessionOptions,
  edgeSession,
  stepEdgeSession,
} from "./edge-session.ts";
import { stateMessage } from "./host-state.ts";
import type { Metric, Payload } from "./payload.ts";

const campus = CampusId("qiyun-no1");
const node = NodeId("edge-a");
const gate = DeviceId("gate-1");
const options: EdgeSessionOptions = { campus, node };
const withHost: EdgeSessionOptions = { ...options, primaryHost: "hub" };
const time = 1_764_000_000_000;

const online: Metric = {
  name: "Connectivity/Online",
  timestamp: time,
  datatype: DataType.Boolean,
  value: true,
};
const memory: Metric = { name: "Edge/Memory", timestamp: time, datatype: DataType.Double, value: 1 };
const birth: EdgeInput = {
  kind: "birth",
  time,
  metrics: [memory],
  devices: [{ device: gate, metrics: [online] }],
};
const ddata: EdgeInput = { kind: "data", time, device: gate, metrics: [online] };

/** Feeds inputs one after the other; what came out, input by input. */
function run(start: EdgeSession, ...inputs: EdgeInput[]) {
  let state = start;
  const effects: EdgeEffect[][] = [];
  for (const input of inputs) {
    const step = stepEdgeSession(state, input);
    state = step.state;
    effects.push([...step.effects]);
  }
  return { state, effects: effects.flat(), last: effects.at(-1) ?? [] };
}

const begin: readonly EdgeInput[] = [{ kind: "connect" }, { kind: "connected" }, { kind: "subscribed" }];
const inSession = (with_: EdgeSessionOptions = options) => run(edgeSession(with_), ...begin, birth).state;

function payloadOf(bytes: Uint8Array): Payload {
  const result = decodePayload(bytes);
  if (!result.ok) throw new Error(result.error.message);
  return result.payload;
}

function published(effects: readonly EdgeEffect[]) {
  return effects.flatMap((effect) =>
    effect.kind === "publish"
      ? [{ ...effect.publication, payload: payloadOf(effect.publication.payload) }]
      : [],
  );
}

const types = (effects: readonly EdgeEffect[]) => published(effects).map(({ topic }) => topic.split("/")[2]);
const kinds = (effects: readonly EdgeEffect[]) => effects.map(({ kind }) => kind);
const metricOf = (payload: Payload | undefined, name: string) =>
  payload?.metrics.find((each) => each.name === name);
const state = (isOnline: boolean, timestamp: number, host = "hub"): EdgeInput => ({
  kind: "message",
  ...stateMessage(host, { online: isOnline, timestamp }),
});
const rebirth: EdgeInput = { kind: "message", ...rebirthCommand({ campus, node }, time) };

describe("connecting", () => {
  test("the will is an NDEATH with bdSeq alone: QoS 1, not retained, no seq [tck-id-topics-ndeath-payload] [tck-id-topics-ndeath-seq] [tck-id-payloads-ndeath-will-message-qos] [tck-id-payloads-ndeath-will-message-retain] [tck-id-message-flow-edge-node-birth-publish-will-message-topic]", () => {
    const [effect] = run(edgeSession(options), { kind: "connect" }).effects;
    if (effect?.kind !== "connect") throw new Error("no connect");
    expect(effect.will).toMatchObject({ topic: "spBv1.0/qiyun-no1/NDEATH/edge-a", qos: 1, retain: false });
    expect(payloadOf(effect.will.payload)).toEqual({
      metrics: [{ name: "bdSeq", datatype: DataType.Int64, value: 0 }],
    });
  });

  test("subscribes to NCMD and DCMD at QoS 1 before its birth, and to its primary host's STATE [tck-id-message-flow-edge-node-ncmd-subscribe]", () => {
    const { effects } = run(edgeSession(withHost), { kind: "connect" }, { kind: "connected" });
    expect(effects[1]).toEqual({
      kind: "subscribe",
      subscriptions: [
        { filter: "spBv1.0/qiyun-no1/NCMD/edge-a", qos: 1 },
        { filter: "spBv1.0/qiyun-no1/DCMD/edge-a/+", qos: 1 },
        { filter: "spBv1.0/STATE/hub", qos: 1 },
      ],
    });
  });

  test("bdSeq goes up by one a CONNECT and from 255 to 0 [tck-id-topics-nbirth-bdseq-increment] [tck-id-message-flow-edge-node-birth-publish-will-message-payload-bdSeq]", () => {
    let session = edgeSession({ ...options, bdSeq: 254 });
    const seen: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      const step = run(session, { kind: "connect" }, { kind: "connection-lost" });
      for (const effect of step.effects) if (effect.kind === "connect") seen.push(effect.bdSeq);
      session = step.state;
    }
    expect(seen).toEqual([254, 255, 0]);
  });

  test("a CONNECT that never left leaves its bdSeq to the next one", () => {
    const { state } = run(
      edgeSession({ ...options, bdSeq: 3 }),
      { kind: "connect" },
      { kind: "connection-lost", unsent: true },
    );
    expect(state.bdSeq).toBe(3);
  });

  test("a primary host that says nothing is waited for on the only server, and left on one of several", () => {
    const wait: EdgeInput[] = [...begin, { kind: "host-silent" }];
    expect(run(edgeSession(withHost), ...wait).last).toEqual([]);
    expect(run(edgeSession({ ...withHost, servers: 2 }), ...wait).last.at(-1)).toEqual({
      kind: "disconnect",
      again: true,
    });
  });
});

describe("births", () => {
  test("NBIRTH has seq 0, the will's bdSeq and Node Control/Rebirth without alias; DBIRTHs follow [tck-id-topics-nbirth-seq-num] [tck-id-topics-nbirth-bdseq-matching] [tck-id-operational-behavior-data-commands-rebirth-name-aliases] [tck-id-topics-nbirth-rebirth-metric] [tck-id-topics-nbirth-mqtt] [tck-id-payloads-dbirth-order]", () => {
    const { effects } = run(edgeSession({ ...options, bdSeq: 7 }), ...begin, birth);
    const [nbirth, dbirth, ...rest] = published(effects);
    expect(rest).toEqual([]);
    expect(nbirth).toMatchObject({ topic: "spBv1.0/qiyun-no1/NBIRTH/edge-a", qos: 0, retain: false });
    expect(nbirth?.payload).toMatchObject({ seq: 0, timestamp: time });
    expect(metricOf(nbirth?.payload, "bdSeq")).toEqual({
      name: "bdSeq",
      alias: 1,
      timestamp: time,
      datatype: DataType.Int64,
      value: 7,
    });
    expect(metricOf(nbirth?.payload, "Node Control/Rebirth")).toEqual({
      name: "Node Control/Rebirth",
      timestamp: time,
      datatype: DataType.Boolean,
      value: false,
    });
    expect(dbirth).toMatchObject({ topic: "spBv1.0/qiyun-no1/DBIRTH/edge-a/gate-1", qos: 0, retain: false });
    expect(dbirth?.payload.seq).toBe(1);
  });

  test("aliases are unique over the node and its devices, and births carry the name too [tck-id-payloads-alias-uniqueness] [tck-id-payloads-alias-birth-requirement]", () => {
    const { effects } = run(edgeSession(options), ...begin, birth);
    const all = published(effects).flatMap(({ payload }) =>
      payload.metrics.filter(({ alias }) => alias !== undefined),
    );
    expect(all.map(({ name }) => name)).toEqual(["bdSeq", "Edge/Memory", "Connectivity/Online"]);
    expect(new Set(all.map(({ alias }) => alias)).size).toBe(3);
  });

  test.each<[string, readonly EdgeInput[], EdgeEffect]>([
    ["DATA before the birth", [...begin, ddata], { kind: "not-sent", device: gate, why: "not-in-session" }],
    [
      "DATA of a device that is not born [tck-id-message-flow-device-birth-publish-nbirth-wait]",
      [...begin, birth, { ...ddata, device: DeviceId("other") }],
      { kind: "not-sent", device: DeviceId("other"), why: "device-not-born" },
    ],
    [
      "a metric that the birth did not have [tck-id-topics-dbirth-metric-reqs]",
      [...begin, birth, { ...ddata, metrics: [memory] }],
      { kind: "not-sent", device: gate, why: "undeclared" },
    ],
    ["a birth while offline", [birth], { kind: "not-sent", why: "not-in-session" }],
  ])("%s is not sent", (_, inputs, effect) => {
    const { last, effects } = run(edgeSession(options), ...inputs);
    expect(last).toEqual([effect]);
    expect(types(effects).filter((type) => type?.endsWith("DATA"))).toEqual([]);
  });
});

describe("in session", () => {
  test("DATA goes with alias, without name and datatype, in the order of its times [tck-id-payloads-alias-data-cmd-requirement] [tck-id-operational-behavior-data-publish-dbirth-order] [tck-id-topics-ddata-mqtt]", () => {
    const { last } = run(inSession(), {
      ...ddata,
      metrics: [
        { ...online, timestamp: time + 5 },
        { ...online, value: false },
      ],
    });
    const [message] = published(last);
    expect(message).toMatchObject({ topic: "spBv1.0/qiyun-no1/DDATA/edge-a/gate-1", qos: 0, retain: false });
    expect(message?.payload.metrics).toStrictEqual([
      { alias: 3, timestamp: time, value: false },
      { alias: 3, timestamp: time + 5, value: true },
    ]);
  });

  test("seq goes up by one over everything the node sends and wraps 255 → 0 [tck-id-payloads-sequence-num-incrementing] [tck-id-topics-ddata-seq-num] [tck-id-payloads-ndata-seq-inc]", () => {
    const ndata: EdgeInput = { kind: "data", time, metrics: [memory] };
    const death: EdgeInput = { kind: "device-death", time, device: gate };
    const born: EdgeInput = { kind: "device-birth", time, birth: { device: gate, metrics: [online] } };
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(ndata, ddata, death, born, rebirth, birth), { maxLength: 600 }),
        (inputs) => {
          const { effects } = run(edgeSession(options), ...begin, birth, ...inputs);
          let expected = 0;
          for (const { topic, payload } of published(effects)) {
            if (topic.includes("NBIRTH")) expected = 0;
            expect(payload.seq).toBe(expected);
            expected = (expected + 1) % 256;
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test("a device that is lost gets a DDEATH, and its DATA waits for a new DBIRTH [tck-id-operational-behavior-device-ddeath]", () => {
    const dead = run(inSession(), { kind: "device-death", time, device: gate });
    expect(types(dead.last)).toEqual(["DDEATH"]);
    expect(published(dead.last)[0]?.payload).toEqual({ timestamp: time, metrics: [], seq: 2 });
    expect(kinds(run(dead.state, ddata).last)).toEqual(["not-sent"]);
    const born = run(
      dead.state,
      { kind: "device-birth", time, birth: { device: gate, metrics: [online] } },
      ddata,
    );
    expect(types(born.effects)).toEqual(["DBIRTH", "DDATA"]);
  });

  test("a rebirth command stops DATA until the births went out again, with the same bdSeq [tck-id-operational-behavior-data-commands-rebirth-action-1] [tck-id-operational-behavior-data-commands-rebirth-action-2] [tck-id-operational-behavior-data-commands-rebirth-action-3]", () => {
    const asked = run(inSession({ ...options, bdSeq: 9 }), rebirth);
    expect(kinds(asked.last)).toEqual(["command", "birth-needed"]);
    expect(kinds(run(asked.state, ddata).last)).toEqual(["not-sent"]);
    expect(kinds(run(asked.state, rebirth).last)).toEqual(["command"]);
    const reborn = run(asked.state, birth, ddata);
    expect(types(reborn.effects)).toEqual(["NBIRTH", "DBIRTH", "DDATA"]);
    expect(metricOf(published(reborn.effects)[0]?.payload, "bdSeq")?.value).toBe(9);
  });

  test("a command is handed over with the device and names, also when it names by alias", () => {
    const command = writeCommand(
      { campus, node, device: gate },
      { id: "c1", metric: "Door/Unlocked", value: true },
      time,
    );
    const { last } = run(inSession(), { kind: "message", ...command });
    expect(last).toMatchObject([
      {
        kind: "command",
        device: gate,
        payload: { metrics: [{ name: "Door/Unlocked" }, { name: "Command/Id" }] },
      },
    ]);
    // metric { alias: 3, boolean_value: false }
    const byAlias = Uint8Array.from([0x12, 4, 0x10, 3, 0x70, 0]);
    const { last: named } = run(inSession(), { kind: "message", topic: command.topic, payload: byAlias });
    expect(named).toMatchObject([{ payload: { metrics: [{ name: "Connectivity/Online", value: false }] } }]);
  });

  test("a command for another node is passed over, a malformed one reported", () => {
    const other = rebirthCommand({ campus, node: NodeId("edge-b") }, time);
    expect(run(inSession(), { kind: "message", ...other }).last).toEqual([]);
    const broken = { topic: "spBv1.0/qiyun-no1/NCMD/edge-a", payload: Uint8Array.from([0x12, 9]) };
    expect(run(inSession(), { kind: "message", ...broken }).last).toMatchObject([
      { kind: "malformed", error: { kind: "truncated" } },
    ]);
  });

  test("an intended stop publishes NDEATH and then disconnects [tck-id-operational-behavior-edge-node-intentional-disconnect-ndeath]", () => {
    const { last, state: after } = run(inSession(), { kind: "stop" });
    expect(kinds(last)).toEqual(["publish", "disconnect"]);
    expect(published(last)[0]?.payload).toEqual({
      metrics: [{ name: "bdSeq", datatype: DataType.Int64, value: 0 }],
    });
    expect(after).toMatchObject({ phase: "offline", bdSeq: 1 });
    expect(run(after, { kind: "stop" }).last).toEqual([]);
  });
});

describe("with a primary host", () => {
  const waiting = run(edgeSession(withHost), ...begin).state;

  test("the birth waits for its STATE, online [tck-id-message-flow-edge-node-birth-publish-phid-wait] [tck-id-message-flow-edge-node-birth-publish-phid-wait-id] [tck-id-message-flow-edge-node-birth-publish-phid-wait-online]", () => {
    expect(waiting.phase).toBe("waiting");
    expect(run(waiting, state(false, 5)).last).toEqual([]);
    expect(run(waiting, state(true, 5, "another")).last).toEqual([]);
    expect(run(waiting, state(true, 5)).last).toEqual([{ kind: "birth-needed", why: "session" }]);
  });

  test("a retained STATE that comes before SUBACK counts", () => {
    const { last } = run(edgeSession(withHost), { kind: "connect" }, { kind: "connected" }, state(true, 5), {
      kind: "subscribed",
    });
    expect(kinds(last)).toEqual(["birth-needed"]);
  });

  test("a STATE older than the last is passed over [tck-id-message-flow-edge-node-birth-publish-phid-wait-timestamp] [tck-id-operational-behavior-edge-node-termination-host-offline-timestamp]", () => {
    expect(run(waiting, state(false, 10), state(true, 9)).last).toEqual([]);
    const there = run(waiting, state(true, 10), birth).state;
    expect(run(there, state(false, 9)).last).toEqual([]);
    expect(there.phase).toBe("online");
  });

  test("when it goes offline: NDEATH, disconnect, and again [tck-id-message-flow-edge-node-birth-publish-phid-offline] [tck-id-operational-behavior-edge-node-termination-host-offline]", () => {
    const { last, state: after } = run(waiting, state(true, 10), birth, state(false, 10));
    expect(types(last)).toEqual(["NDEATH"]);
    expect(last.at(-1)).toEqual({ kind: "disconnect", again: true });
    expect(after).toMatchObject({ phase: "offline", bdSeq: 1, host: undefined });
  });

  test("with several servers, one whose primary host is offline is left for the next [tck-id-operational-behavior-primary-application-state-with-multiple-servers-walk]", () => {
    const { last } = run(edgeSession({ ...withHost, servers: 2 }), ...begin, state(false, 5));
    expect(last.at(-1)).toEqual({ kind: "disconnect", again: true });
  });

  test("a STATE that cannot be read is reported", () => {
    const payload = new TextEncoder().encode("ONLINE");
    expect(run(waiting, { kind: "message", topic: "spBv1.0/STATE/hub", payload }).last).toEqual([
      { kind: "malformed", topic: "spBv1.0/STATE/hub" },
    ]);
  });
});
