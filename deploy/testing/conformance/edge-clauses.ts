/** What the life of an edge agent must look like on the wire. */
import { expect } from "vitest";
import { CAMPUS, HOST, NODE } from "./brokers.ts";
import { type Clause, clauses, every, some } from "./clauses.ts";
import type { EdgeRecording } from "./edge-scenario.ts";
import { type Message, messageOf, readWire, type WireMetric } from "./recording.ts";

const NODE_TYPES = ["NBIRTH", "NDATA", "NDEATH"];
const DEVICE_TYPES = ["DBIRTH", "DDATA", "DDEATH"];
const BOOLEAN = 11;
const INT64 = 4;
const UINT64_MAX_TIME = 4_102_444_800_000;

type Check = (recording: EdgeRecording) => void;
const edge = (says: string, ids: string, check: Check): readonly Clause<EdgeRecording>[] =>
  clauses(says, ids.trim().split(/\s+/), check);

const named = (message: Message, name: string): WireMetric | undefined =>
  message.payload.metrics?.find((metric) => metric.name === name);
const metricsOf = (messages: readonly Message[]): readonly WireMetric[] =>
  messages.flatMap(({ payload }) => payload.metrics ?? []);
/** Connection by connection, what carries a seq. */
const sequenced = ({ wire }: EdgeRecording): readonly (readonly Message[])[] => {
  const all = wire.sent("NBIRTH", "DBIRTH", "NDATA", "DDATA", "DDEATH");
  return [...new Set(all.map(({ connection }) => connection))].map((each) =>
    all.filter(({ connection }) => connection === each),
  );
};
const bdSeqs = ({ wire }: EdgeRecording): readonly unknown[] =>
  wire.connects().map(({ will }) => readWire(Buffer.from(will?.payload ?? "")).metrics?.[0]?.longValue);
const isTime = (value: unknown): void => {
  expect(value).toEqual(expect.any(Number));
  // Milliseconds of this epoch: neither seconds nor microseconds, and not before any computer had the time.
  expect(value).toBeGreaterThan(1_577_836_800_000);
  expect(value).toBeLessThan(UINT64_MAX_TIME);
};
const isNow = (value: unknown): void => {
  isTime(value);
  expect(Math.abs(Date.now() - Number(value))).toBeLessThan(600_000);
};
const carriesValue = (metric: WireMetric): void => {
  const fields = [
    "intValue",
    "longValue",
    "floatValue",
    "doubleValue",
    "booleanValue",
    "stringValue",
    "bytesValue",
    "datasetValue",
    "templateValue",
  ];
  const present = fields.filter((field) => metric[field] !== undefined);
  expect(present, `${metric.name} has one value, or is null`).toHaveLength(metric.isNull === true ? 0 : 1);
};
const willOf = (
  recording: EdgeRecording,
  check: (will: { topic: string; qos?: number; retain?: boolean; payload: Uint8Array }) => void,
): void =>
  every(recording.wire.connects(), ({ will }) => {
    expect(will).toBeDefined();
    if (will !== undefined) check({ ...will, payload: Buffer.from(will.payload) });
  });
/** After the first message of the connection that matches, in the order of the wire. */
const positions = (
  { wire }: EdgeRecording,
  connection: number,
  matches: (message: Message) => boolean,
): readonly number[] =>
  wire.packets.flatMap((each, index) => {
    const message = each.connection === connection && each.from === "client" ? messageOf(each) : undefined;
    return message !== undefined && matches(message) ? [index] : [];
  });
const positionOf = ({ wire }: EdgeRecording, connection: number, cmd: string, from = "client"): number =>
  wire.packets.findIndex(
    (each) => each.connection === connection && each.from === from && each.packet.cmd === cmd,
  );

const TOPICS = [
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

const SESSION = [
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

const HOST_RULES = [
  ...edge(
    "with a primary host nothing is born before its STATE says online",
    `
    message-flow-edge-node-birth-publish-phid-wait message-flow-edge-node-birth-publish-phid-wait-online operational-behavior-edge-node-birth-sequence-wait`,
    (recording) => {
      const [birth = -1] = positions(recording, 0, ({ type }) => type === "NBIRTH");
      const states = recording.wire.packets.slice(0, recording.permitted).flatMap((each) => {
        const message = messageOf(each);
        return message?.type === "STATE"
          ? [JSON.parse(Buffer.from(message.bytes).toString()) as unknown]
          : [];
      });
      expect(states).toContainEqual(expect.objectContaining({ online: false }));
      expect(birth).toBeGreaterThan(recording.permitted);
    },
  ),
  ...edge(
    "another host's STATE does not count: it is not even subscribed to",
    "message-flow-edge-node-birth-publish-phid-wait-id",
    (recording) => {
      expect(recording.heard.map(({ topic }) => topic)).toContain("spBv1.0/STATE/another-host");
      const delivered = some(recording.wire.received("STATE"));
      expect(new Set(delivered.map(({ topic }) => topic))).toEqual(new Set([`spBv1.0/STATE/${HOST}`]));
      expect(positions(recording, 0, ({ type }) => type === "NBIRTH")[0]).toBeGreaterThan(
        recording.permitted,
      );
    },
  ),
  ...edge(
    "online with a time before the last one heard does not count",
    "message-flow-edge-node-birth-publish-phid-wait-timestamp",
    (recording) => {
      const before = recording.wire.packets
        .slice(0, recording.permitted)
        .filter((each) => messageOf(each)?.type === "STATE");
      expect(before).toHaveLength(2);
      expect(positions(recording, 0, ({ type }) => type === "NBIRTH")[0]).toBeGreaterThan(
        recording.permitted,
      );
    },
  ),
  ...edge(
    "offline with a time before the last online is passed over",
    "operational-behavior-edge-node-termination-host-offline-timestamp",
    (recording) => {
      const born = positions(recording, recording.connections.left, ({ type }) => type === "NBIRTH");
      expect(recording.lateOffline).toBeGreaterThan(0);
      expect(born.some((at) => at > recording.lateOffline)).toBe(true);
      expect(positionOf(recording, recording.connections.left, "disconnect")).toBeGreaterThan(
        recording.offline - 1,
      );
    },
  ),
  ...edge(
    "offline at the same time or later ends the session: NDEATH, DISCONNECT, and a new CONNECT",
    `
    message-flow-edge-node-birth-publish-phid-offline operational-behavior-edge-node-termination-host-offline
    operational-behavior-edge-node-termination-host-offline-reconnect
    operational-behavior-primary-application-state-with-multiple-servers-walk`,
    (recording) => {
      const { left } = recording.connections;
      const [death = -1] = positions(recording, left, ({ type }) => type === "NDEATH");
      expect(death).toBeGreaterThan(recording.offline - 1);
      expect(death).toBeGreaterThan(0);
      expect(positionOf(recording, left, "disconnect")).toBeGreaterThan(death);
      expect(positionOf(recording, left + 1, "connect")).toBeGreaterThan(death);
    },
  ),
  ...edge(
    "no CONNECT is sent while another connection lasts",
    "operational-behavior-primary-application-state-with-multiple-servers-single-server",
    (recording) => {
      every([1, 2, 3], (connection) => {
        const connect = positionOf(recording, connection, "connect");
        expect(connect).toBeGreaterThan(0);
        expect(recording.wire.packets.slice(connect).every((each) => each.connection >= connection)).toBe(
          true,
        );
      });
    },
  ),
];

const SEQUENCE = [
  ...edge(
    "NBIRTH has seq 0",
    "topics-nbirth-seq-num payloads-sequence-num-req-nbirth payloads-nbirth-seq message-flow-edge-node-birth-publish-nbirth-payload-seq",
    ({ wire }) => every(wire.sent("NBIRTH"), ({ payload }) => expect(payload.seq).toBe(0)),
  ),
  ...edge(
    "seq goes up by one over all messages of the node and its devices, and wraps from 255 to 0",
    `
    topics-ndata-seq-num topics-dbirth-seq topics-ddata-seq-num topics-ddeath-seq-num payloads-sequence-num-always-included
    payloads-sequence-num-incrementing message-flow-device-birth-publish-dbirth-payload-seq payloads-dbirth-seq payloads-dbirth-seq-inc
    payloads-ndata-seq payloads-ndata-seq-inc payloads-ddata-seq payloads-ddata-seq-inc payloads-ddeath-seq payloads-ddeath-seq-inc
    payloads-ddeath-seq-number`,
    (recording) => {
      every(sequenced(recording), (messages) => {
        let expected = 0;
        for (const { payload, type } of messages) {
          if (type === "NBIRTH") expected = 0;
          expect(payload.seq).toBe(expected);
          expected = (expected + 1) % 256;
        }
      });
      const seqs = recording.wire.sent("NDATA").map(({ payload }) => payload.seq);
      expect(seqs).toContain(255);
      for (const type of ["DBIRTH", "DDATA", "DDEATH"]) some(recording.wire.sent(type));
    },
  ),
  ...edge(
    "DBIRTHs follow their NBIRTH at once, before any DATA",
    `
    message-flow-device-birth-publish-nbirth-wait payloads-dbirth-order payloads-ndata-order payloads-ddata-order
    operational-behavior-data-publish-dbirth operational-behavior-data-commands-rebirth-action-2`,
    (recording) => {
      const births = some(sequenced(recording)).flatMap((messages) =>
        messages.flatMap((message, index) =>
          message.type === "NBIRTH" ? [messages.slice(index + 1, index + 3)] : [],
        ),
      );
      every(births, (next) => expect(next.map(({ type }) => type)).toEqual(["DBIRTH", "DBIRTH"]));
      expect(births.length).toBeGreaterThan(sequenced(recording).length);
    },
  ),
  ...edge(
    "after a rebirth command no DATA goes out before the births",
    "operational-behavior-data-commands-rebirth-action-1",
    (recording) => {
      const asked = recording.wire.packets.findIndex(
        (each, index) => index >= recording.rebirthAsked && messageOf(each)?.type === "NCMD",
      );
      expect(asked).toBeGreaterThan(0);
      const received = recording.wire.packets
        .slice(asked + 1)
        .flatMap((each) => (each.from === "client" ? (messageOf(each) ?? []) : []));
      expect(received.slice(0, 3).map(({ type }) => type)).toEqual(["NBIRTH", "DBIRTH", "DBIRTH"]);
    },
  ),
];

const BIRTHS = [
  ...edge(
    "births can be read by an implementation that is not ours",
    `
    message-flow-edge-node-birth-publish-nbirth-payload message-flow-device-birth-publish-dbirth-payload`,
    ({ wire }) =>
      every([...some(wire.sent("NBIRTH")), ...some(wire.sent("DBIRTH"))], ({ payload }) =>
        some(payload.metrics ?? []),
      ),
  ),
  ...edge(
    "every metric of a birth has name, datatype, and a value or is_null and then none",
    `
    topics-nbirth-metrics topics-dbirth-metrics payloads-metric-datatype-req payloads-name-requirement
    operational-behavior-data-publish-nbirth-values operational-behavior-data-publish-dbirth-values`,
    ({ wire }) =>
      every(metricsOf([...some(wire.sent("NBIRTH")), ...some(wire.sent("DBIRTH"))]), (metric) => {
        expect(metric.name).toEqual(expect.stringMatching(/./u));
        expect(metric.datatype).toEqual(expect.any(Number));
        carriesValue(metric);
      }),
  ),
  ...edge(
    "what DATA carries was named in the birth before it",
    `
    topics-nbirth-metric-reqs topics-dbirth-metric-reqs topics-ndata-payload topics-ddata-payload`,
    (recording) => {
      let checked = 0;
      for (const messages of sequenced(recording)) {
        const born = new Map<string, Set<number>>();
        for (const { payload, topic, type } of messages) {
          const scope = topic.replace(/\/(N|D)(BIRTH|DATA|DEATH)\//, "/");
          if (type.endsWith("BIRTH"))
            born.set(scope, new Set(payload.metrics?.map(({ alias = -1 }) => alias)));
          if (type === "DDEATH") born.delete(scope);
          if (!type.endsWith("DATA")) continue;
          for (const { alias = -2 } of some(payload.metrics ?? []))
            expect(born.get(scope)?.has(alias)).toBe(true);
          checked += 1;
        }
      }
      expect(checked).toBeGreaterThan(0);
    },
  ),
  ...edge(
    "NBIRTH has Node Control/Rebirth: Boolean, false, without alias",
    `
    topics-nbirth-rebirth-metric payloads-nbirth-rebirth-req operational-behavior-data-commands-rebirth-name
    operational-behavior-data-commands-rebirth-name-aliases operational-behavior-data-commands-rebirth-datatype
    operational-behavior-data-commands-rebirth-value`,
    ({ wire }) =>
      every(wire.sent("NBIRTH"), (message) => {
        const rebirth = named(message, "Node Control/Rebirth");
        expect(rebirth).toMatchObject({ datatype: BOOLEAN, booleanValue: false });
        expect(rebirth?.alias).toBeUndefined();
      }),
  ),
  ...edge(
    "all metrics of births but the rebirth have an alias beside their name",
    "payloads-alias-birth-requirement",
    ({ wire }) =>
      every(metricsOf(wire.sent("NBIRTH", "DBIRTH")), ({ alias, name }) => {
        if (name !== "Node Control/Rebirth") expect(alias, name).toEqual(expect.any(Number));
      }),
  ),
  ...edge("an alias stands for one metric over the whole node", "payloads-alias-uniqueness", (recording) => {
    every(sequenced(recording), (messages) => {
      const until = messages.findIndex(({ type }, index) => index > 0 && type === "NBIRTH");
      const births = messages
        .slice(0, until < 0 ? undefined : until)
        .filter(({ type }) => type.endsWith("BIRTH"));
      const aliases = some(metricsOf(births)).flatMap(({ alias }) => alias ?? []);
      expect(new Set(aliases).size).toBe(aliases.length);
    });
  }),
  ...edge("DATA carries aliases and no names", "payloads-alias-data-cmd-requirement", ({ wire }) =>
    every(metricsOf(wire.sent("NDATA", "DDATA")), ({ alias, name }) => {
      expect(alias).toEqual(expect.any(Number));
      expect(name).toBeUndefined();
    }),
  ),
  ...edge("DATA leaves the datatype out", "payloads-metric-datatype-not-req", ({ wire }) =>
    every(metricsOf(wire.sent("NDATA", "DDATA")), ({ datatype }) => expect(datatype).toBeUndefined()),
  ),
  ...edge(
    "every metric of births and DATA has its time, in milliseconds UTC",
    `
    payloads-name-birth-data-requirement payloads-metric-timestamp-in-UTC payloads-timestamp-in-UTC`,
    ({ wire }) => {
      every(metricsOf(wire.sent("NBIRTH", "DBIRTH", "NDATA", "DDATA")), ({ timestamp }) => isTime(timestamp));
      every(wire.sent("NBIRTH", "DBIRTH", "NDATA", "DDATA"), ({ payload }) => isNow(payload.timestamp));
    },
  ),
  ...edge(
    "metrics that are not historical stand in the order of their times",
    `
    operational-behavior-data-publish-nbirth-order operational-behavior-data-publish-dbirth-order`,
    ({ wire }) =>
      every(wire.sent("NBIRTH", "NDATA", "DBIRTH", "DDATA"), ({ payload }) => {
        const times = some(payload.metrics ?? []).flatMap(({ isHistorical, timestamp = 0 }) =>
          isHistorical === true ? [] : [timestamp],
        );
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
  ),
  ...edge(
    "a datatype is one of the 34 of the specification",
    "payloads-metric-datatype-value-type payloads-metric-datatype-value",
    ({ wire }) =>
      every(metricsOf(wire.sent("NBIRTH", "DBIRTH")), ({ datatype = 0 }) => {
        expect(Number.isInteger(datatype)).toBe(true);
        expect(datatype).toBeGreaterThanOrEqual(1);
        expect(datatype).toBeLessThanOrEqual(34);
      }),
  ),
  ...edge(
    "nothing is said twice: no DATA repeats a device's value without a change of value or quality",
    `
    principles-rbe-recommended operational-behavior-data-publish-nbirth-change operational-behavior-data-publish-dbirth-change`,
    ({ wire }) => {
      const [, ...polls] = some(wire.sent("DDATA"));
      // The door was opened once: of the polls every 100 ms one says so.
      const opened = some(polls).filter(
        ({ payload, topic }) =>
          topic.endsWith("gate-1") && payload.metrics?.some(({ booleanValue }) => booleanValue === true),
      );
      expect(opened.length).toBeLessThan(20);
    },
  ),
  ...edge(
    "no two names differ in case only",
    "case-sensitivity-metric-names case-sensitivity-sparkplug-ids",
    ({ wire }) =>
      every(wire.sent("NBIRTH", "DBIRTH"), ({ payload }) => {
        const names = some(payload.metrics ?? []).map(({ name = "" }) => name.toLowerCase());
        expect(new Set(names).size).toBe(names.length);
      }),
  ),
];

const definitions = (message: Message) =>
  (message.payload.metrics ?? []).filter(({ templateValue }) => templateValue?.isDefinition === true);
const instances = ({ wire }: EdgeRecording, ...types: string[]) =>
  metricsOf(wire.sent(...types)).flatMap(({ isNull, templateValue }) =>
    isNull !== true && templateValue?.isDefinition === false ? [templateValue] : [],
  );
const definedIn = ({ wire }: EdgeRecording) =>
  new Map(
    wire
      .sent("NBIRTH")
      .flatMap((message) =>
        definitions(message).map(({ name = "", templateValue }) => [name, templateValue] as const),
      ),
  );
const members = (template: { readonly metrics?: readonly WireMetric[] } | undefined) =>
  (template?.metrics ?? []).map(({ name }) => name).toSorted();
const properties = ({ wire }: EdgeRecording) =>
  metricsOf(wire.sent("NBIRTH", "DBIRTH", "NDATA", "DDATA")).flatMap(({ properties: set }) =>
    set === undefined ? [] : [set],
  );

const TEMPLATES = [
  ...edge(
    "NBIRTH has the definition of every template that is used",
    "topics-nbirth-templates payloads-template-definition-nbirth",
    (recording) => {
      const defined = definedIn(recording);
      every(instances(recording, "NBIRTH", "DBIRTH", "NDATA", "DDATA"), ({ templateRef = "" }) =>
        expect(defined.has(templateRef), templateRef).toBe(true),
      );
    },
  ),
  ...edge("definitions stand in NBIRTH alone", "payloads-template-definition-nbirth-only", (recording) => {
    some([...definedIn(recording)]);
    const elsewhere = recording.wire
      .sent("DBIRTH", "NDATA", "DDATA")
      .flatMap((message) => definitions(message));
    expect(elsewhere).toEqual([]);
  }),
  ...edge(
    "a definition says that it is one and refers to none",
    `
    payloads-template-definition-is-definition payloads-template-is-definition-definition payloads-template-definition-ref
    payloads-template-ref-definition`,
    (recording) =>
      every([...definedIn(recording).values()], (template) => {
        expect(template?.isDefinition).toBe(true);
        expect(template?.templateRef).toBeUndefined();
      }),
  ),
  ...edge(
    "an instance says that it is none, and of which definition",
    `
    payloads-template-instance-is-definition payloads-template-is-definition-instance payloads-template-instance-ref
    payloads-template-ref-instance`,
    (recording) =>
      every(instances(recording, "NBIRTH", "DBIRTH", "NDATA", "DDATA"), ({ isDefinition, templateRef }) => {
        expect(isDefinition).toBe(false);
        expect(templateRef).toEqual(expect.stringMatching(/./u));
      }),
  ),
  ...edge("every template says whether it is a definition", "payloads-template-is-definition", ({ wire }) =>
    every(
      metricsOf(wire.sent("NBIRTH", "DBIRTH", "NDATA", "DDATA")).flatMap(({ templateValue }) =>
        templateValue === undefined ? [] : [templateValue],
      ),
      ({ isDefinition }) => expect(isDefinition).toEqual(expect.any(Boolean)),
    ),
  ),
  ...edge(
    "an instance has no member that its definition does not have",
    `
    payloads-template-definition-members payloads-template-instance-members payloads-template-instance-members-data`,
    (recording) => {
      const defined = definedIn(recording);
      every(instances(recording, "NBIRTH", "DBIRTH", "NDATA", "DDATA"), (template) =>
        expect(members(defined.get(template.templateRef ?? ""))).toEqual(
          expect.arrayContaining(members(template)),
        ),
      );
    },
  ),
  ...edge(
    "an instance in a birth has all members of its definition",
    "payloads-template-instance-members-birth",
    (recording) => {
      const defined = definedIn(recording);
      every(instances(recording, "NBIRTH", "DBIRTH"), (template) =>
        expect(members(template)).toEqual(members(defined.get(template.templateRef ?? ""))),
      );
    },
  ),
  ...edge(
    "a property set has as many values as keys",
    "payloads-propertyset-keys-array-size payloads-propertyset-values-array-size",
    (recording) =>
      every(properties(recording), ({ keys, values }) =>
        expect(some(values ?? [])).toHaveLength(keys?.length ?? -1),
      ),
  ),
  ...edge(
    "a property value has a datatype",
    `
    payloads-metric-propertyvalue-type-type payloads-metric-propertyvalue-type-value payloads-metric-propertyvalue-type-req`,
    (recording) =>
      every(
        properties(recording).flatMap(({ values = [] }) => values),
        ({ type = 0 }) => {
          expect(Number.isInteger(type)).toBe(true);
          expect((type >= 1 && type <= 14) || type === 20 || type === 21).toBe(true);
        },
      ),
  ),
  ...edge(
    "Quality is an Int32 of 0, 192 or 500",
    "payloads-propertyset-quality-value-type payloads-propertyset-quality-value-value",
    (recording) =>
      every(
        properties(recording).flatMap(({ keys = [], values = [] }) =>
          keys.flatMap((key, index) => (key === "Quality" ? [values[index]] : [])),
        ),
        (value) => {
          expect(value?.type).toBe(3);
          expect([0, 192, 500]).toContain(value?.intValue);
        },
      ),
  ),
];

export const EDGE_CLAUSES: readonly Clause<EdgeRecording>[] = [
  ...TOPICS,
  ...SESSION,
  ...HOST_RULES,
  ...SEQUENCE,
  ...BIRTHS,
  ...TEMPLATES,
];
