import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatCommand,
  formatErrorStatus,
  formatLamps,
  formatPower,
  formatResponse,
  LineSplitter,
  PjlinkFrameError,
  parseCommand,
  parseErrorStatus,
  parseGreeting,
  parseLamps,
  parsePower,
  parseResponse,
} from "./pjlink.ts";

describe("a greeting", () => {
  test("without a password, with one, and refused", () => {
    expect(parseGreeting("PJLINK 0")).toEqual({ kind: "open" });
    expect(parseGreeting("PJLINK 1 498e4a67")).toEqual({ kind: "password", random: "498e4a67" });
    expect(parseGreeting("PJLINK ERRA")).toEqual({ kind: "refused" });
  });
  test.each(["", "PJLINK", "PJLINK 1", "PJLINK 1 498e4a6", "PJLINK 2", "HTTP/1.1 400", "%1POWR=0"])(
    "%j is none",
    (line) => {
      expect(() => parseGreeting(line)).toThrow(PjlinkFrameError);
    },
  );
});

describe("a command", () => {
  test("is class, four letters, a space and the parameter", () => {
    expect(formatCommand({ pjlinkClass: 1, command: "POWR", parameter: "?" })).toBe("%1POWR ?\r");
  });
  test("carries the digest in front when there is one", () => {
    const digest = "5d8409bc1c3fa39749434aa3a5c38682";
    expect(parseCommand(`${digest}%1POWR 1`)).toEqual({
      digest,
      command: { pjlinkClass: 1, command: "POWR", parameter: "1" },
    });
  });
  test.each(["%1POWR", "%3POWR ?", "POWR ?", "abc%1POWR ?"])("%j is none", (line) => {
    expect(() => parseCommand(line)).toThrow(PjlinkFrameError);
  });
});

describe("an answer", () => {
  test("is a value or one of four errors", () => {
    expect(parseResponse("%1POWR=OK").result).toEqual({ kind: "value", text: "OK" });
    expect(parseResponse("%1POWR=ERR3").result).toEqual({ kind: "error", code: 3 });
    expect(parseResponse("%1INF1=ERR5 & Sons").result).toEqual({ kind: "value", text: "ERR5 & Sons" });
    expect(formatResponse({ pjlinkClass: 2, command: "SNUM", result: { kind: "error", code: 1 } })).toBe(
      "%2SNUM=ERR1\r",
    );
  });
  test.each(["%1POWR", "%1POWR 1", "PJLINK 0", `%1NAME=${"x".repeat(129)}`])("%j is none", (line) => {
    expect(() => parseResponse(line)).toThrow(PjlinkFrameError);
  });
});

describe("values", () => {
  test("power has four states and no fifth", () => {
    for (const digit of ["0", "1", "2", "3"]) expect(formatPower(parsePower(digit))).toBe(digit);
    for (const text of ["4", "", "01", "constructor"])
      expect(() => parsePower(text)).toThrow(PjlinkFrameError);
  });
  test("the six error digits stand for fan, lamp, temperature, cover, filter and the rest", () => {
    const levels = parseErrorStatus("012012");
    expect(levels).toEqual({
      Fan: "ok",
      Lamp: "warning",
      Overheat: "error",
      Cover: "ok",
      Filter: "warning",
      Other: "error",
    });
    expect(formatErrorStatus(levels)).toBe("012012");
    for (const text of ["00000", "0000000", "000003"])
      expect(() => parseErrorStatus(text)).toThrow(PjlinkFrameError);
  });
  test("one to eight lamps", () => {
    expect(parseLamps("1024 1 870 0")).toEqual([
      { hours: 1024, on: true },
      { hours: 870, on: false },
    ]);
    expect(formatLamps(parseLamps("99999 1"))).toBe("99999 1");
    for (const text of ["", "1024", "1024 2", "100000 1", Array(9).fill("1 1").join(" ")])
      expect(() => parseLamps(text)).toThrow(PjlinkFrameError);
  });
});

describe("lines", () => {
  const encoded = new TextEncoder().encode("PJLINK 0\r%1NAME=三楼\r\n%1POWR=0\r");

  test("cut anywhere they come out whole, a line feed of the device's own is ignored", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: encoded.length }), { maxLength: 6 }), (cuts) => {
        const splitter = new LineSplitter();
        const edges = [0, ...cuts.toSorted((a, b) => a - b), encoded.length];
        const out = edges
          .slice(1)
          .flatMap((end, index) => splitter.push(encoded.slice(edges[index] ?? 0, end)));
        expect(out).toEqual(["PJLINK 0", "%1NAME=三楼", "%1POWR=0"]);
      }),
    );
  });

  test("a name in GB 18030 is still read", () => {
    expect(
      new LineSplitter().push(Uint8Array.of(...Buffer.from("%1NAME="), 0xc8, 0xfd, 0xc2, 0xa5, 13)),
    ).toEqual(["%1NAME=三楼"]);
  });

  test("a line without an end is given up, not collected", () => {
    const splitter = new LineSplitter(8);
    expect(splitter.push(Buffer.from("12345678"))).toEqual([]);
    expect(() => splitter.push(Buffer.from("9"))).toThrow(PjlinkFrameError);
  });

  test("bytes that are no text are refused at once", () => {
    expect(() => new LineSplitter().push(Uint8Array.of(0xff))).toThrow(PjlinkFrameError);
    expect(() => new LineSplitter().push(Uint8Array.of(0))).toThrow(PjlinkFrameError);
  });
});

test("no line and no bytes of any kind make a parser throw anything but a frame error", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string().map((tail) => `%1POWR=${tail}`),
    fc.string().map((tail) => `PJLINK 1 ${tail}`),
  );
  const parsers = [parseGreeting, parseCommand, parseResponse, parsePower, parseErrorStatus, parseLamps];
  const frameErrorAtWorst = (parse: () => unknown) => {
    try {
      parse();
    } catch (error) {
      expect(error).toBeInstanceOf(PjlinkFrameError);
    }
  };
  fc.assert(
    fc.property(text, fc.uint8Array({ maxLength: 400 }), (line, bytes) => {
      for (const parse of parsers) frameErrorAtWorst(() => parse(line));
      frameErrorAtWorst(() => new LineSplitter().push(bytes));
    }),
  );
});
