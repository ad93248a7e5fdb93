import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CONNECT_BYTES_MAX, PACKET_BYTES_MAX, PacketGuard, type Violation } from "./packet-guard.ts";
import { connectPacket } from "./testing/test-broker.ts";

/** A packet's first byte and its length, least significant seven bits first (MQTT 3.1.1, clause 2.2.3). */
function header(first: number, length: number): number[] {
  const bytes = [first];
  let rest = length;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

const packet = (first: number, length: number): Uint8Array => {
  const head = header(first, length);
  const bytes = new Uint8Array(head.length + length).fill(0xff);
  bytes.set(head);
  return bytes;
};

const connect = new Uint8Array(connectPacket("edge", "c"));

describe("the packet guard", () => {
  test("lets packets pass, however the network cuts them", () => {
    const lengths = fc.array(fc.oneof(fc.nat(300), fc.constantFrom(127, 128, 16_383, 16_384, 70_000)), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(lengths, fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1 }), (sizes, cuts) => {
        const stream = Buffer.concat([connect, ...sizes.map((size) => packet(0x30, size)), packet(0xc0, 0)]);
        const guard = new PacketGuard();
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          expect(guard.inspect(stream.subarray(at, at + size))).toBeUndefined();
          at += size;
        }
        // Whatever went before, it still knows where the next packet begins.
        expect(guard.inspect(Uint8Array.from([0x00]))).toBe("not-mqtt");
      }),
      { numRuns: 50 },
    );
  });

  test.each<[string, Uint8Array, Violation | undefined]>([
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n"), "not-mqtt"],
    ["a TLS greeting on a plain port", Uint8Array.from([0x16, 0x03, 0x01, 0x02]), "not-mqtt"],
    ["PUBLISH before CONNECT", packet(0x30, 10), "not-mqtt"],
    ["a length of five bytes", Uint8Array.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01]), "not-mqtt"],
    ["a CONNECT of the largest size", Uint8Array.from(header(0x10, CONNECT_BYTES_MAX)), undefined],
    ["a CONNECT beyond it", Uint8Array.from(header(0x10, CONNECT_BYTES_MAX + 1)), "packet-too-large"],
    [
      "a packet of the largest size",
      Uint8Array.from([...connect, ...header(0x30, PACKET_BYTES_MAX)]),
      undefined,
    ],
    [
      "a packet beyond it",
      Uint8Array.from([...connect, ...header(0x30, PACKET_BYTES_MAX + 1)]),
      "packet-too-large",
    ],
  ])("%s", (_, bytes, violation) => {
    expect(new PacketGuard().inspect(bytes)).toBe(violation);
  });
});
