import fc from "fast-check";
import { expect, test } from "vitest";
import { PjlinkFrameError } from "./pjlink.ts";
import { formatNotice, NOTICES, parseNotice } from "./pjlink-datagrams.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ["%2LKUP=00:1A:2B:3C:4D:5E\r", { command: "LKUP", text: "00:1A:2B:3C:4D:5E" }],
  ["%2ERST=002000\r", { command: "ERST", text: "002000" }],
  ["%2powr=1\r", { command: "POWR", text: "1" }],
  ["%2INPT=31\r", { command: "INPT", text: "31" }],
] as const)("%j is a notice", (line, notice) => {
  expect(parseNotice(bytes(line))).toEqual(notice);
});

test.each([
  "",
  "%2POWR=1",
  "%1POWR=1\r",
  "%2POWR ?\r",
  "%2SNUM=1\r",
  "%2POWR=\r",
  "%2POWR=1\r%2POWR=0\r",
  `%2ERST=${"0".repeat(200)}\r`,
])("%j is none", (line) => {
  expect(() => parseNotice(bytes(line))).toThrow(PjlinkFrameError);
});

test("whatever notice is made is understood, and no bytes do more than throw that they are none", () => {
  fc.assert(
    fc.property(fc.constantFrom(...NOTICES), fc.stringMatching(/^[0-9A-F]{1,16}$/), (command, text) => {
      expect(parseNotice(bytes(formatNotice({ command, text })))).toEqual({ command, text });
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (datagram) => {
      try {
        parseNotice(datagram);
      } catch (error) {
        expect(error).toBeInstanceOf(PjlinkFrameError);
      }
    }),
  );
});
