/** What the life of a host must look like on the wire, and what it must know of its edge nodes. */
import { expect } from "vitest";
import { CAMPUS, HOST, NODE } from "./brokers.ts";
import { type Clause, clauses, every, some } from "./clauses.ts";
import type { HostRecording } from "./host-scenario.ts";
import { type Message, messageOf } from "./recording.ts";
import { DEVICE } from "./third-party-node.ts";

const STATE = `spBv1.0/STATE/${HOST}`;
const FIRST = 0;
const LAST = 1;

const host = (
  says: string,
  ids: string,
  check: (recording: HostRecording) => void,
): readonly Clause<HostRecording>[] => clauses(says, ids.trim().split(/\s+/), check);

interface State {
  readonly online: boolean;
  readonly timestamp: number;
}
function stateOf(bytes: Uint8Array): State {
  const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as State;
  expect(Object.keys(value).toSorted()).toEqual(["online", "timestamp"]);
  expect(value.online).toEqual(expect.any(Boolean));
  expect(value.timestamp).toEqual(expect.any(Number));
  expect(Math.abs(Date.now() - value.timestamp)).toBeLessThan(600_000);
  return value;
}
const wills = ({ wire }: HostRecording) =>
  some(wire.connects()).map(({ will }) => {
    if (will === undefined) throw new Error("a CONNECT has no will");
    return { ...will, state: stateOf(Buffer.from(will.payload)) };
  });
/** The STATE messages it published, by whether they say online. */
const states = ({ wire }: HostRecording, online: boolean): readonly (Message & { readonly state: State })[] =>
  wire
    .sent("STATE")
    .map((message) => ({ ...message, state: stateOf(message.bytes) }))
    .filter(({ state }) => state.online === online);
const indexOf = (
  { wire }: HostRecording,
  connection: number,
  from: string,
  matches: (packet: { cmd: string }) => boolean,
): number =>
  wire.packets.findIndex(
    (each) => each.connection === connection && each.from === from && matches(each.packet),
  );
const firstPublish = (recording: HostRecording, connection: number): number =>
  indexOf(recording, connection, "client", ({ cmd }) => cmd === "publish");
const rebirths = ({ wire }: HostRecording) =>
  wire
    .sent("NCMD")
    .filter(({ payload }) => payload.metrics?.some(({ name }) => name === "Node Control/Rebirth"));

const STATES = [
  ...host(
    "it publishes STATE: online when it comes, offline when it goes",
    `
    intro-sparkplug-host-state components-ph-state conformance-primary-host`,
    (recording) => {
      some(states(recording, true));
      some(states(recording, false));
    },
  ),
  ...host(
    "the first message of every session is its birth",
    `
    principles-birth-certificates-order host-topic-phid-birth-message host-topic-phid-birth-required message-flow-phid-sparkplug-state-publish
    operational-behavior-host-application-connect-birth operational-behavior-primary-application-state-with-multiple-servers-state
    operational-behavior-primary-application-state-with-multiple-servers-state-subs`,
    (recording) => {
      expect(some(recording.wire.connects())).toHaveLength(2);
      every([FIRST, LAST], (connection) => {
        const [first] = recording.wire.sent().filter((each) => each.connection === connection);
        expect(first?.type).toBe("STATE");
        expect(stateOf(first?.bytes ?? new Uint8Array()).online).toBe(true);
      });
    },
  ),
  ...host(
    "its STATE is on spBv1.0/STATE/<host id>",
    `
    host-topic-phid-birth-topic operational-behavior-host-application-connect-birth-topic payloads-state-birth
    operational-behavior-host-application-host-id`,
    (recording) =>
      every(states(recording, true), ({ topic, qos, retain }) =>
        expect([topic, qos, retain]).toEqual([STATE, 1, true]),
      ),
  ),
  ...host(
    "its birth has QoS 1",
    "host-topic-phid-birth-qos operational-behavior-host-application-connect-birth-qos",
    (recording) => every(states(recording, true), ({ qos }) => expect(qos).toBe(1)),
  ),
  ...host(
    "its birth is retained",
    "host-topic-phid-birth-retain operational-behavior-host-application-connect-birth-retained",
    (recording) => every(states(recording, true), ({ retain }) => expect(retain).toBe(true)),
  ),
  ...host(
    "its birth is JSON of online and timestamp, and the time is its will's",
    `
    host-topic-phid-birth-payload host-topic-phid-birth-payload-timestamp message-flow-phid-sparkplug-state-publish-payload
    message-flow-phid-sparkplug-state-publish-payload-timestamp operational-behavior-host-application-connect-birth-payload
    payloads-state-birth-payload`,
    (recording) => {
      const of = wills(recording);
      every(states(recording, true), ({ connection, state }) =>
        expect(state).toEqual({ online: true, timestamp: of[connection]?.state.timestamp }),
      );
    },
  ),
  ...host(
    "it subscribes to everything and to its own STATE, and has the grant, before its birth",
    `
    host-topic-phid-birth-sub-required message-flow-phid-sparkplug-subscription payloads-state-subscribe`,
    (recording) =>
      every([FIRST, LAST], (connection) => {
        const topics = recording.wire.packets.flatMap((each) =>
          each.connection === connection && each.packet.cmd === "subscribe"
            ? each.packet.subscriptions.map(({ topic }) => topic)
            : [],
        );
        expect(topics).toEqual(expect.arrayContaining(["spBv1.0/#", STATE]));
        const granted = indexOf(recording, connection, "server", ({ cmd }) => cmd === "suback");
        expect(granted).toBeGreaterThan(0);
        expect(firstPublish(recording, connection)).toBeGreaterThan(granted);
      }),
  ),
  ...host("CONNECT asks for a clean session", "message-flow-phid-sparkplug-clean-session-311", ({ wire }) =>
    every(wire.connects(), ({ clean, protocolVersion }) =>
      expect([clean, protocolVersion]).toEqual([true, 4]),
    ),
  ),
  ...host(
    "MQTT 3.1.1 is spoken, so that what is said of 5.0 does not arise",
    "message-flow-phid-sparkplug-clean-session-50",
    ({ wire }) => every(wire.connects(), ({ protocolVersion }) => expect(protocolVersion).toBe(4)),
  ),
  ...host(
    "CONNECT has its death as the will",
    `
    host-topic-phid-death-required operational-behavior-host-application-connect-will payloads-state-will-message`,
    (recording) => every(wills(recording), ({ topic }) => expect(topic).toBe(STATE)),
  ),
  ...host(
    "the will is on spBv1.0/STATE/<host id>",
    "host-topic-phid-death-topic operational-behavior-host-application-connect-will-topic",
    (recording) => every(wills(recording), ({ topic }) => expect(topic).toBe(STATE)),
  ),
  ...host(
    "the will has QoS 1",
    "host-topic-phid-death-qos operational-behavior-host-application-connect-will-qos payloads-state-will-message-qos",
    (recording) => every(wills(recording), ({ qos }) => expect(qos).toBe(1)),
  ),
  ...host(
    "the will is retained",
    "host-topic-phid-death-retain operational-behavior-host-application-connect-will-retained payloads-state-will-message-retain",
    (recording) => every(wills(recording), ({ retain }) => expect(retain).toBe(true)),
  ),
  ...host(
    "the will is JSON of online = false and the time of the CONNECT",
    `
    host-topic-phid-death-payload host-topic-phid-death-payload-timestamp-connect operational-behavior-host-application-connect-will-payload
    payloads-state-will-message-payload`,
    (recording) => every(wills(recording), ({ state }) => expect(state.online).toBe(false)),
  ),
  ...host(
    "cut off, it dies by the will, with the time of its CONNECT",
    "host-topic-phid-death-payload-timestamp-disconnect-with-no-disconnect-packet",
    (recording) => {
      const [first] = wills(recording);
      const delivered = recording.heard
        .slice(recording.cutAt)
        .filter(({ type }) => type === "STATE")
        .map(({ bytes }) => stateOf(bytes));
      expect(delivered).toContainEqual(first?.state);
    },
  ),
  ...host(
    "a new session has a new time, which nobody else's STATE changes",
    "operational-behavior-host-application-multi-server-timestamp",
    (recording) => {
      const [first, second] = wills(recording);
      expect(second?.state.timestamp).toBeGreaterThan(first?.state.timestamp ?? Number.POSITIVE_INFINITY);
      const again = states(recording, true).filter(({ connection }) => connection === FIRST);
      expect(new Set(again.map(({ state }) => state.timestamp))).toEqual(new Set([first?.state.timestamp]));
    },
  ),
  ...host(
    "told that it is offline, it publishes its birth again",
    "message-flow-hid-sparkplug-state-message-delivered",
    (recording) => {
      const after = recording.wire.packets.slice(recording.denied).flatMap((each) => messageOf(each) ?? []);
      const told = after.findIndex(
        ({ bytes, from, type }) => from === "server" && type === "STATE" && !stateOf(bytes).online,
      );
      expect(told).toBeGreaterThanOrEqual(0);
      const answer = after.slice(told).find(({ from, type }) => from === "client" && type === "STATE");
      expect(stateOf(answer?.bytes ?? new Uint8Array()).online).toBe(true);
    },
  ),
  ...host(
    "stopped, it publishes its death with the time of leaving, QoS 1, retained, and then DISCONNECT",
    `
    operational-behavior-host-application-termination operational-behavior-host-application-death-topic
    operational-behavior-host-application-death-payload operational-behavior-host-application-death-qos
    operational-behavior-host-application-death-retained operational-behavior-host-application-disconnect-intentional
    host-topic-phid-death-payload-timestamp-disconnect-clean`,
    (recording) => {
      const [death] = some(states(recording, false));
      expect([death?.connection, death?.topic, death?.qos, death?.retain]).toEqual([LAST, STATE, 1, true]);
      expect(death?.state.timestamp).toBeGreaterThan(
        wills(recording)[LAST]?.state.timestamp ?? Number.POSITIVE_INFINITY,
      );
      const at = recording.wire.packets.findIndex(
        (each) => each.from === "client" && messageOf(each)?.bytes === death?.bytes,
      );
      expect(at).toBeGreaterThan(0);
      expect(indexOf(recording, LAST, "client", ({ cmd }) => cmd === "disconnect")).toBeGreaterThan(at);
    },
  ),
];

const COMMANDS = [
  ...(["NCMD", "DCMD"] as const).flatMap((type) => {
    const low = type.toLowerCase();
    const topic = `spBv1.0/${CAMPUS}/${type}/${NODE}${type === "DCMD" ? `/${DEVICE}` : ""}`;
    return [
      ...host(
        `${type} goes to its own topic`,
        `topics-${low}-topic operational-behavior-data-commands-${low}-verb`,
        ({ wire }) => every(wire.sent(type), (message) => expect(message.topic).toBe(topic)),
      ),
      ...host(
        `${type} has QoS 0 and is not retained`,
        `topics-${low}-mqtt payloads-${low}-qos payloads-${low}-retain`,
        ({ wire }) => every(wire.sent(type), ({ qos, retain }) => expect([qos, retain]).toEqual([0, false])),
      ),
      ...host(
        `${type} says when it was sent`,
        `topics-${low}-timestamp payloads-${low}-timestamp`,
        ({ wire }) =>
          every(wire.sent(type), ({ payload }) =>
            expect(Math.abs(Date.now() - (payload.timestamp ?? 0))).toBeLessThan(600_000),
          ),
      ),
      ...host(`${type} has no seq`, `payloads-${low}-seq`, ({ wire }) =>
        every(wire.sent(type), ({ payload }) => expect(payload.seq).toBeUndefined()),
      ),
    ];
  }),
  ...host(
    "a rebirth is asked for by NCMD with Node Control/Rebirth = true, as the birth named it",
    `
    topics-ncmd-payload operational-behavior-data-commands-ncmd-rebirth-verb operational-behavior-data-commands-ncmd-rebirth-name
    operational-behavior-data-commands-ncmd-rebirth-value operational-behavior-data-commands-ncmd-metric-name
    operational-behavior-data-commands-ncmd-metric-value`,
    (recording) =>
      every(rebirths(recording), ({ payload }) =>
        expect(payload.metrics).toEqual([
          expect.objectContaining({ name: "Node Control/Rebirth", booleanValue: true }),
        ]),
      ),
  ),
  ...host(
    "a write is a DCMD with the metric of the DBIRTH and a value of its datatype",
    `
    topics-dcmd-payload operational-behavior-data-commands-dcmd-metric-name operational-behavior-data-commands-dcmd-metric-value
    payloads-name-cmd-requirement`,
    ({ wire }) =>
      every(wire.sent("DCMD"), ({ payload }) =>
        expect(payload.metrics?.[0]).toMatchObject({
          name: "Door/Unlocked",
          booleanValue: true,
          timestamp: expect.any(Number),
        }),
      ),
  ),
];

const ORDER = [
  ...host(
    "a message that comes too early waits for those before it, and no rebirth is asked for",
    `
    operational-behavior-host-reordering-start operational-behavior-host-reordering-success`,
    (recording) => {
      expect(recording.reordered).toEqual([true, true]);
      expect(recording.rebirthsAfterReordering).toBe(0);
    },
  ),
  ...host(
    "when what is missing does not come in time, a rebirth is asked for",
    "operational-behavior-host-reordering-rebirth",
    (recording) => {
      expect(recording.rebirthsAfterReordering).toBe(0);
      expect(recording.rebirthsAfterGap).toBe(1);
      expect(rebirths(recording)).not.toEqual([]);
    },
  ),
];

const DEATHS = [
  ...host(
    "NDEATH, as the will that the node registered, puts the node offline as of the host's time",
    `
    operational-behavior-edge-node-termination-host-action-ndeath-node-offline
    operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale
    message-flow-edge-node-birth-publish-will-message-topic`,
    ({ afterNodeDeath, nodeDied: [from, to] }) => {
      expect(afterNodeDeath?.node.online).toBe(false);
      expect(afterNodeDeath?.node.since).toBeGreaterThanOrEqual(from);
      expect(afterNodeDeath?.node.since).toBeLessThanOrEqual(to);
    },
  ),
  ...host(
    "NDEATH makes the node's devices and all they said stale as of the host's time",
    `
    operational-behavior-edge-node-termination-host-action-ndeath-devices-offline
    operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale`,
    ({ afterNodeDeath, nodeDied: [from, to] }) => {
      expect(afterNodeDeath?.device.health).toBe("stale");
      expect(afterNodeDeath?.device.since).toBeGreaterThanOrEqual(from);
      expect(afterNodeDeath?.device.since).toBeLessThanOrEqual(to);
    },
  ),
  ...host(
    "DDEATH puts the device and all it said away as of the payload's time",
    `
    operational-behavior-edge-node-termination-host-action-ddeath-devices-offline
    operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale`,
    ({ afterDeviceDeath, deviceDiedAt }) => {
      expect(afterDeviceDeath?.health).toBe("unreachable");
      expect(afterDeviceDeath?.since).toBe(deviceDiedAt);
    },
  ),
];

export const HOST_CLAUSES: readonly Clause<HostRecording>[] = [...STATES, ...COMMANDS, ...ORDER, ...DEATHS];
