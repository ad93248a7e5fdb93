import fc from "fast-check";
import { expect, test } from "vitest";
import { IDENTIFICATION_REQUEST, parseIdentification } from "./modbus-identification.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const object = (id: number, text: string): string =>
  Buffer.concat([Buffer.from([id, text.length]), Buffer.from(text)]).toString("hex");

test("the example of the specification (V1.1b3, 6.21): three basic objects", () => {
  expect(Buffer.from(IDENTIFICATION_REQUEST).toString("hex")).toBe("2b0e0100");
  const answer = `2b0e0101000003${object(0, "Company identification")}${object(1, "Product code XX")}${object(2, "V2.11")}`;
  expect(parseIdentification(bytes(answer))).toEqual({
    vendor: "Company identification",
    productCode: "Product code XX",
    revision: "V2.11",
  });
});

test("a device without identification is a Modbus device all the same", () => {
  expect(parseIdentification(bytes("ab 01"))).toEqual({});
});

test("what is cut short says what it has, and what is something else says nothing", () => {
  expect(parseIdentification(bytes(`2b0e0101000003${object(0, "ACME")}01`))).toEqual({ vendor: "ACME" });
  expect(parseIdentification(bytes("03 02 00 01"))).toBeUndefined();
  expect(parseIdentification(bytes("2b 0e"))).toBeUndefined();
});

test("no bytes make it throw", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 260 }), (pdu) => void parseIdentification(pdu)));
});
