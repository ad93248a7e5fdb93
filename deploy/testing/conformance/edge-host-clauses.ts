/** What an edge agent makes of its primary host, and how it counts its messages. */
import type { IPublishPacket } from "mqtt-packet";
import { expect } from "vitest";
import { HOST } from "./brokers.ts";
import { every, some } from "./clauses.ts";
import { edge, positionOf, positions, sequenced } from "./edge-reading.ts";
import type { EdgeRecording } from "./edge-scenario.ts";
import { messageOf } from "./recording.ts";

export const HOST_RULES = [
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

/** What the agent sent between the rebirth command on the wire and its PUBACK, which it sends once it has acted on it. */
function answerOf({ rebirthAsked, wire }: EdgeRecording): { connection: number; types: readonly string[] } {
  const asked = wire.packets.findIndex(
    ({ from, packet }, index) =>
      index >= rebirthAsked && from === "server" && packet.cmd === "publish" && isAcknowledgedCommand(packet),
  );
  const command = wire.packets[asked];
  if (command === undefined) throw new Error("no rebirth was asked for");
  const answered = wire.packets.findIndex(
    ({ connection, from, packet }, index) =>
      index > asked &&
      connection === command.connection &&
      from === "client" &&
      packet.cmd === "puback" &&
      packet.messageId === command.packet.messageId,
  );
  expect(answered).toBeGreaterThan(asked);
  const types = wire.packets
    .slice(asked, answered)
    .flatMap((each) => (each.from === "client" ? (messageOf(each)?.type ?? []) : []));
  return { connection: command.connection, types };
}

const isAcknowledgedCommand = ({ qos, topic }: IPublishPacket): boolean =>
  qos === 1 && topic.split("/")[2] === "NCMD";

export const SEQUENCE = [
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
      // Which of them has the last number before the wrap is the devices' affair.
      const seqs = sequenced(recording).flatMap((messages) => messages.map(({ payload }) => payload.seq));
      expect(seqs).toContain(255);
      some(recording.wire.sent("NDATA"));
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
      const { connection, types } = answerOf(recording);
      expect(connection).toBe(recording.connections.left);
      // DATA before them passed the command on the line; what was born by then is all that may be between.
      const born = types.indexOf("NBIRTH");
      expect(born).toBeGreaterThanOrEqual(0);
      expect(types.slice(born, born + 3)).toEqual(["NBIRTH", "DBIRTH", "DBIRTH"]);
    },
  ),
];
