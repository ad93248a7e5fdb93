import fc from "fast-check";
import { expect, test } from "vitest";
import { PjlinkFrameError } from "./pjlink.ts";
import {
  formatAcknowledgement,
  formatNotice,
  isSearch,
  NOTICES,
  parseAcknowledgement,
  parseNotice,
  SEARCH,
} from "./pjlink-datagrams.ts";

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
      expect(isSearch(datagram)).toBe(false);
      expect(() => parseAcknowledgement(datagram)).toThrow(PjlinkFrameError);
    }),
  );
});

test("a search is answered with a MAC address", () => {
  expect(SEARCH).toBe("%2SRCH\r");
  expect(isSearch(bytes("%2SRCH\r"))).toBe(true);
  expect(isSearch(bytes("%1SRCH\r"))).toBe(false);
  expect(parseAcknowledgement(bytes("%2ACKN=00:1A:2B:3C:4D:5E\r"))).toBe("00:1a:2b:3c:4d:5e");
  expect(parseAcknowledgement(bytes(formatAcknowledgement("02:00:00:00:00:01")))).toBe("02:00:00:00:00:01");
  for (const none of [
    "%2ACKN=\r",
    "%2ACKN=00:1A:2B:3C:4D\r",
    "%2ACKN=00:1A:2B:3C:4D:5E",
    "%2LKUP=00:1A:2B:3C:4D:5E\r",
  ]) {
    expect(() => parseAcknowledgement(bytes(none))).toThrow(PjlinkFrameError);
  }
});
