import fc from "fast-check";
import { expect, test } from "vitest";
import { ALL_SERVICES, parseServiceRecords, serviceQuery } from "./dns-sd.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));

test("the query for all services, byte by byte", () => {
  expect(Buffer.from(serviceQuery([ALL_SERVICES])).toString("hex")).toBe(
    "000000000001000000000000" +
      "095f7365727669636573" +
      "075f646e732d7364" +
      "045f756470" +
      "056c6f63616c" +
      "00" +
      "000c" +
      "8001",
  );
});

test("pointers, services and texts, with compressed names", () => {
  // _axis-video._tcp.local PTR cam._axis-video._tcp.local; SRV port 80 at cam.local; TXT
  const message = bytes(`
    0000 8400 0000 0003 0000 0000
    0b 5f617869732d766964656f 04 5f746370 05 6c6f63616c 00   000c 0001 00000078 0006 03 63616d c00c
    c02e   0021 8001 00000078 000c 0000 0000 0050 03 63616d c01d
    c02e   0010 8001 00000078 0009 08 6d61633d30303431
  `);
  expect(parseServiceRecords(message)).toEqual([
    { type: "PTR", name: "_axis-video._tcp.local", target: "cam._axis-video._tcp.local" },
    { type: "SRV", name: "cam._axis-video._tcp.local", port: 80, target: "cam.local" },
    { type: "TXT", name: "cam._axis-video._tcp.local", texts: ["mac=0041"] },
  ]);
});

test("a question is no answer, and a name that points at itself ends", () => {
  expect(parseServiceRecords(serviceQuery([ALL_SERVICES]))).toEqual([]);
  expect(
    parseServiceRecords(bytes("0000 8400 0000 0001 0000 0000 c00c 000c 0001 00000078 0002 c00c")),
  ).toEqual([]);
});

test("no bytes make it throw", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (message) => void parseServiceRecords(message)));
});
