import { CampusId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { expect, test } from "vitest";
import { disputeCommand, readCommand, twinCommand } from "./commands.ts";
import { decodePayload } from "./decode.ts";
import { encodePayload } from "./encode.ts";
import { accountMetric, readAccount } from "./outbox-account.ts";

const node = { campus: CampusId("a"), node: NodeId("box") };
const read = (payload: Uint8Array) => {
  const decoded = decodePayload(payload);
  if (!decoded.ok) throw decoded.error;
  return decoded.payload.metrics;
};

test("an account comes out of a payload as it went in, and one that contradicts itself does not come out", () => {
  const accounts = fc.tuple(fc.nat(1e9), fc.nat(1e9), fc.nat(1e9), fc.nat(1e9), fc.nat(1e9));
  fc.assert(
    fc.property(accounts, ([epoch, sent, next, skipped, waiting]) => {
      const account = { epoch, sent, next, skipped, waiting };
      const [metric] = read(encodePayload({ metrics: [accountMetric(account)] }));
      const sound = sent < next && skipped + waiting < next;
      expect(metric === undefined ? undefined : readAccount(metric)).toEqual(sound ? account : undefined);
    }),
  );
});

test("a dispute and a twin are commands that a node can read, and their garbage is refused", () => {
  const dispute = readCommand(read(disputeCommand(node, { epoch: 7, held: 50 }, 1).payload));
  expect(dispute).toEqual({
    rebirth: false,
    acknowledgements: [],
    dispute: { epoch: 7, held: 50 },
    writes: [],
    refused: [],
  });
  expect(readCommand(read(twinCommand(node, [7, 8], 1).payload)).twin).toEqual([7, 8]);
  expect(readCommand([{ name: "Handoff/Dispute", value: 1 }]).refused).toEqual(["Handoff/Dispute"]);
  expect(readCommand([{ name: "Handoff/Twin", value: "x" }]).refused).toEqual(["Handoff/Twin"]);
});
