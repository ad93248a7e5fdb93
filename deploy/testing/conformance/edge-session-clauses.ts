/** Topics, and what a session of the edge agent must look like on the wire. */
import { expect } from "vitest";
import { CAMPUS, HOST, NODE } from "./brokers.ts";
import { every, some } from "./clauses.ts";
import {
  bdSeqs,
  DEVICE_TYPES,
  edge,
  INT64,
  isNow,
  NODE_TYPES,
  named,
  positionOf,
  positions,
  sequenced,
  willOf,
} from "./edge-reading.ts";
import type { EdgeRecording } from "./edge-scenario.ts";
import { readWire } from "./recording.ts";

export const TOPICS = [
  ...edge(
    "every topic is spBv1.0/group/type/node[/device], with ids that need no escaping",
    `
    intro-group-id-string intro-group-id-chars intro-edge-node-id-string intro-edge-node-id-chars intro-device-id-string
    intro-device-id-chars topic-structure topic-structure-namespace-a topic-structure-namespace-valid-group-id
    topic-structure-namespace-valid-edge-node-id topic-structure-namespace-valid-device-id
    message-flow-device-birth-publish-dbirth-match-edge-node-topic`,
    ({ wire }) =>
      every(wire.sent(), ({ topic }) => {
        const [namespace, group, type = "", node, device, ...rest] = topic.split("/");
        expect([namespace, group, node, rest]).toEqual(["spBv1.0", CAMPUS, NODE, []]);
        if (DEVICE_TYPES.includes(type)) expect(device).toMatch(/^[^+#/\s]+$/u);
        else expect(NODE_TYPES).toContain(type);
      }),
  ),
  ...edge(
    "the device stands in the topics of device messages",
    "topic-structure-namespace-device-id-associated-message-types",
    ({ wire }) => every(wire.sent(...DEVICE_TYPES), ({ topic }) => expect(topic.split("/")).toHaveLength(5)),
  ),
  ...edge(
    "no device stands in the topics of node messages",
    "topic-structure-namespace-device-id-non-associated-message-types",
    ({ wire }) => every(wire.sent(...NODE_TYPES), ({ topic }) => expect(topic.split("/")).toHaveLength(4)),
  ),
  ...edge(
    "one connection at a time speaks for the node, under one client id",
    `
    intro-edge-node-id-uniqueness topic-structure-namespace-unique-edge-node-descriptor payloads-nbirth-edge-node-descriptor`,
    ({ wire }) => {
      expect(new Set(some(wire.connects()).map(({ clientId }) => clientId))).toEqual(
        new Set([`${CAMPUS}-${NODE}`]),
      );
      const order = some(wire.sent()).map(({ connection }) => connection);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    },
  ),
  ...edge("each device has a topic of its own", "topic-structure-namespace-unique-device-id", ({ wire }) => {
    const [first = []] = sequenced({ wire } as EdgeRecording);
    const births = some(first.slice(1, 3)).map(({ topic }) => topic);
    expect(new Set(births).size).toBe(2);
  }),
  ...(["NBIRTH", "NDATA", "DBIRTH", "DDATA", "DDEATH"] as const).flatMap((type) =>
    edge(
      `${type} goes to its own topic of the node${type.startsWith("D") ? " and device" : ""}`,
      `topics-${type.toLowerCase()}-topic ${type === "NBIRTH" ? "message-flow-edge-node-birth-publish-nbirth-topic" : ""} ${type === "DBIRTH" ? "message-flow-device-birth-publish-dbirth-topic" : ""}`,
      ({ wire }) =>
        every(wire.sent(type), ({ topic }) =>
          expect(topic.startsWith(`spBv1.0/${CAMPUS}/${type}/${NODE}`)).toBe(true),
        ),
    ),
  ),
  ...(["NBIRTH", "NDATA", "DBIRTH", "DDATA", "DDEATH"] as const).flatMap((type) => {
    const low = type.toLowerCase();
    const flow = type === "NBIRTH" ? "edge-node-birth-publish-nbirth" : "device-birth-publish-dbirth";
    const more = type.endsWith("BIRTH");
    const none = type === "DDEATH";
    return [
      ...edge(
        `${type} has QoS 0`,
        `topics-${low}-mqtt ${none ? "" : `payloads-${low}-qos`} ${more ? `message-flow-${flow}-qos` : ""}`,
        ({ wire }) => every(wire.sent(type), ({ qos, retain }) => expect([qos, retain]).toEqual([0, false])),
      ),
      ...(none
        ? []
        : edge(
            `${type} is not retained`,
            `payloads-${low}-retain ${more ? `message-flow-${flow}-retained` : ""}`,
            ({ wire }) => every(wire.sent(type), ({ retain }) => expect(retain).toBe(false)),
          )),
      ...edge(
        `${type} says when it was sent`,
        `${none ? "" : `topics-${low}-timestamp`} payloads-${low}-timestamp`,
        ({ wire }) => every(wire.sent(type), ({ payload }) => isNow(payload.timestamp)),
      ),
    ];
  }),
];

export const SESSION = [
  ...edge("CONNECT asks for a clean session", "principles-persistence-clean-session-311", ({ wire }) =>
    every(wire.connects(), ({ clean, protocolVersion }) =>
      expect([clean, protocolVersion]).toEqual([true, 4]),
    ),
  ),
  ...edge(
    "MQTT 3.1.1 is spoken, so that what is said of 5.0 does not arise",
    `
    principles-persistence-clean-session-50 payloads-ndeath-will-message-publisher-disconnect-mqtt50`,
    ({ wire }) => every(wire.connects(), ({ protocolVersion }) => expect(protocolVersion).toBe(4)),
  ),
  ...edge(
    "the first message of every session is NBIRTH",
    "principles-birth-certificates-order operational-behavior-data-publish-nbirth",
    (recording) => every(sequenced(recording), ([first]) => expect(first?.type).toBe("NBIRTH")),
  ),
  ...edge("NBIRTH follows CONNACK", "message-flow-edge-node-birth-publish-connect", (recording) =>
    every(sequenced(recording), ([first]) => {
      const connection = first?.connection ?? -1;
      const [birth = -1] = positions(recording, connection, ({ type }) => type === "NBIRTH");
      expect(positionOf(recording, connection, "connack", "server")).toBeGreaterThanOrEqual(0);
      expect(birth).toBeGreaterThan(positionOf(recording, connection, "connack", "server"));
    }),
  ),
  ...edge(
    "NCMD and DCMD are subscribed to at QoS 1, and granted, before the birth",
    `
    message-flow-edge-node-ncmd-subscribe message-flow-device-dcmd-subscribe`,
    (recording) =>
      every(sequenced(recording), ([first]) => {
        const connection = first?.connection ?? -1;
        const wanted = recording.wire.packets.flatMap(({ packet, connection: each }) =>
          each === connection && packet.cmd === "subscribe" ? packet.subscriptions : [],
        );
        for (const topic of [`spBv1.0/${CAMPUS}/NCMD/${NODE}`, `spBv1.0/${CAMPUS}/DCMD/${NODE}/+`])
          expect(wanted).toContainEqual(expect.objectContaining({ topic, qos: 1 }));
        const granted = positionOf(recording, connection, "suback", "server");
        expect(granted).toBeGreaterThanOrEqual(0);
        expect(positions(recording, connection, ({ type }) => type === "NBIRTH")[0]).toBeGreaterThan(granted);
      }),
  ),
  ...edge(
    "STATE of the primary host is subscribed to",
    "operational-behavior-primary-application-state-with-multiple-servers-state-subs",
    ({ wire }) =>
      every(
        wire.packets.flatMap(({ packet }) => (packet.cmd === "subscribe" ? [packet] : [])),
        ({ subscriptions }) =>
          expect(subscriptions.map(({ topic }) => topic)).toContain(`spBv1.0/STATE/${HOST}`),
      ),
  ),
  ...edge(
    "CONNECT has NDEATH as its will",
    `
    message-flow-edge-node-birth-publish-will-message message-flow-edge-node-birth-publish-will-message-topic topics-ndeath-topic
    payloads-ndeath-will-message`,
    (recording) => willOf(recording, ({ topic }) => expect(topic).toBe(`spBv1.0/${CAMPUS}/NDEATH/${NODE}`)),
  ),
  ...edge(
    "the will has QoS 1",
    "message-flow-edge-node-birth-publish-will-message-qos payloads-ndeath-will-message-qos",
    (recording) => willOf(recording, ({ qos }) => expect(qos).toBe(1)),
  ),
  ...edge(
    "the will is not retained",
    "message-flow-edge-node-birth-publish-will-message-will-retained payloads-ndeath-will-message-retain",
    (recording) => willOf(recording, ({ retain }) => expect(retain).toBe(false)),
  ),
  ...edge(
    "NDEATH is a Sparkplug payload of bdSeq alone",
    "message-flow-edge-node-birth-publish-will-message-payload topics-ndeath-payload",
    (recording) =>
      willOf(recording, ({ payload }) => {
        const { metrics } = readWire(payload);
        expect(metrics).toHaveLength(1);
        expect(metrics?.[0]).toMatchObject({ name: "bdSeq", datatype: INT64, longValue: expect.any(Number) });
      }),
  ),
  ...edge(
    "NDEATH has no seq, as the will and when it is published",
    "topics-ndeath-seq payloads-ndeath-seq",
    (recording) => {
      willOf(recording, ({ payload }) => expect(readWire(payload).seq).toBeUndefined());
      every(recording.wire.sent("NDEATH"), ({ payload }) => expect(payload.seq).toBeUndefined());
    },
  ),
  ...edge(
    "bdSeq is 0 in the first CONNECT, one more in each that follows, over a restart too",
    `
    topics-nbirth-bdseq-increment message-flow-edge-node-birth-publish-will-message-payload-bdSeq`,
    (recording) => expect(some(bdSeqs(recording))).toEqual([0, 1, 2, 3]),
  ),
  ...edge(
    "every NBIRTH has the bdSeq of its connection's will, also one that was asked for",
    `
    topics-nbirth-bdseq-included topics-nbirth-bdseq-matching message-flow-edge-node-birth-publish-nbirth-payload-bdSeq payloads-nbirth-bdseq
    payloads-nbirth-bdseq-repeat payloads-ndeath-bdseq operational-behavior-data-commands-rebirth-action-3`,
    (recording) => {
      const wills = bdSeqs(recording);
      every(recording.wire.sent("NBIRTH"), (message) =>
        expect(named(message, "bdSeq")).toMatchObject({
          datatype: INT64,
          longValue: wills[message.connection],
        }),
      );
      every(recording.wire.sent("NDEATH"), (message) =>
        expect(named(message, "bdSeq")?.longValue).toBe(wills[message.connection]),
      );
    },
  ),
  ...edge(
    "a device that stops answering dies after its last DATA, and says nothing until it is born again",
    "operational-behavior-device-ddeath",
    ({ wire }) => {
      const [own = []] = sequenced({ wire } as EdgeRecording);
      const gate = own.filter(({ topic }) => topic.endsWith("gate-1")).map(({ type }) => type);
      const death = gate.indexOf("DDEATH");
      expect(gate.slice(death - 1, death + 3)).toEqual(["DDATA", "DDEATH", "DBIRTH", "DDATA"]);
    },
  ),
  ...edge(
    "stopped on purpose, it publishes NDEATH and then DISCONNECT",
    `
    operational-behavior-edge-node-intentional-disconnect-ndeath operational-behavior-edge-node-intentional-disconnect-packet
    payloads-ndeath-will-message-publisher payloads-ndeath-will-message-publisher-disconnect-mqtt311`,
    (recording) => {
      const { connection } = { connection: recording.connections.stopped };
      const [death = -1] = positions(recording, connection, ({ type }) => type === "NDEATH");
      expect(death).toBeGreaterThan(0);
      expect(positionOf(recording, connection, "disconnect")).toBeGreaterThan(death);
    },
  ),
  ...edge(
    "killed, it dies by the will: the server publishes NDEATH of that very session",
    "message-flow-edge-node-birth-publish-will-message-payload",
    (recording) => {
      const last = some(recording.heard.filter(({ type }) => type === "NDEATH")).at(-1);
      expect(last?.payload.metrics?.[0]?.longValue).toBe(bdSeqs(recording)[recording.connections.killed]);
    },
  ),
];
