import { CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { describe, expect, test } from "vitest";
import { decodePayload } from "./codec.ts";
import { acknowledgeCommand, readCommand, rebirthCommand, writeCommand } from "./commands.ts";
import type { Publication } from "./publication.ts";

const to = { campus: CampusId("qiyun-no1"), node: NodeId("edge-a") };
const device = DeviceId("gate-1");

function received({ payload }: Publication) {
  const result = decodePayload(payload);
  if (!result.ok) throw new Error(result.error.message);
  return { payload: result.payload, command: readCommand(result.payload.metrics) };
}

const nothing = { rebirth: false, acknowledgements: [], writes: [], refused: [] };

describe("commands", () => {
  test("a rebirth request [tck-id-operational-behavior-data-commands-ncmd-rebirth-name] [tck-id-operational-behavior-data-commands-ncmd-rebirth-value]", () => {
    const publication = rebirthCommand(to, 5);
    expect(publication.topic).toBe("spBv1.0/qiyun-no1/NCMD/edge-a");
    expect(received(publication).command).toEqual({ ...nothing, rebirth: true });
  });

  test("a write reaches its device with an id: QoS 0, not retained, timestamp, no seq [tck-id-topics-dcmd-mqtt] [tck-id-topics-dcmd-timestamp] [tck-id-payloads-dcmd-seq]", () => {
    const publication = writeCommand(
      { ...to, device },
      { id: "c1", metric: "Relay/2/Closed", value: true },
      5,
    );
    expect(publication).toMatchObject({
      topic: "spBv1.0/qiyun-no1/DCMD/edge-a/gate-1",
      qos: 0,
      retain: false,
    });
    const { payload, command } = received(publication);
    expect(payload.timestamp).toBe(5);
    expect(payload.seq).toBeUndefined();
    expect(command).toEqual({ ...nothing, writes: [{ id: "c1", metric: "Relay/2/Closed", value: true }] });
  });

  test("a write to the node itself, without an id", () => {
    const publication = writeCommand(to, { metric: "Relay/1/Closed", value: false }, 5);
    expect(publication.topic).toBe("spBv1.0/qiyun-no1/NCMD/edge-a");
    expect(received(publication).command.writes).toEqual([{ metric: "Relay/1/Closed", value: false }]);
  });

  test("acknowledged runs arrive although their datatype stays out", () => {
    const acknowledgement = {
      epoch: 1_764_000_000_000,
      runs: [
        { first: 1, last: 9 },
        { first: 12, last: 12 },
      ],
    };
    const { command } = received(acknowledgeCommand(to, acknowledgement, 5));
    expect(command).toEqual({ ...nothing, acknowledgements: [acknowledgement] });
  });

  test("what cannot be written is refused by name, and the rest is done", () => {
    const command = readCommand([
      { name: "Made/Up", value: 1 },
      { name: "Door/Open", value: true },
      { name: "Relay/1/Closed", value: "yes" },
      { name: "Handoff/Ack", value: [1, 2] },
      { alias: 7, value: 1 },
      { name: "Door/Unlocked", value: true },
    ]);
    expect(command.refused).toEqual(["Made/Up", "Door/Open", "Relay/1/Closed", "Handoff/Ack", "alias 7"]);
    expect(command.writes).toEqual([{ metric: "Door/Unlocked", value: true }]);
  });

  test("a metric outside the dictionary cannot be commanded", () => {
    expect(() => writeCommand(to, { metric: "Made/Up", value: 1 }, 5)).toThrow("Made/Up");
  });
});
