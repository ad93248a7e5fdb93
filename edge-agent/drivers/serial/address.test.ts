import { describe, expect, test } from "vitest";
import {
  answerTime_ms,
  characterTime_ms,
  describeSettings,
  gap_ms,
  lineName,
  parseLineAddress,
} from "./address.ts";

const DEFAULTS = { settings: { baud: 9600, dataBits: 8, parity: "none", stopBits: 1 } } as const;
const parse = (url: string, port?: number) =>
  parseLineAddress(new URL(url), port === undefined ? DEFAULTS : { ...DEFAULTS, port });

describe("the address of a line", () => {
  test("names a serial port with its settings, or what its protocol is used to", () => {
    expect(parse("serial:///dev/ttyUSB0?baud=2400&parity=even&data=7&stop=2&gap=20&echo=true")).toEqual({
      kind: "serial",
      path: "/dev/ttyUSB0",
      settings: { baud: 2400, dataBits: 7, parity: "even", stopBits: 2 },
      gap_ms: 20,
      echo: true,
    });
    expect(parse("modbus+rtu:///dev/serial/by-path/a%20b?unit=3")).toEqual({
      kind: "serial",
      path: "/dev/serial/by-path/a b",
      settings: DEFAULTS.settings,
      echo: false,
    });
  });

  test("or a serial server, by its name, IPv4 or IPv6 address", () => {
    expect(parse("tcp://gateway-3:4001")).toEqual({
      kind: "tcp",
      host: "gateway-3",
      port: 4001,
      echo: false,
    });
    expect(parse("tcp://[::1]", 8899)).toMatchObject({ host: "::1", port: 8899 });
    expect(lineName(parse("tcp://127.0.0.1:4001?unit=7"))).toBe("127.0.0.1:4001");
    expect(lineName(parse("serial:///dev/ttyS1?baud=300"))).toBe("/dev/ttyS1");
  });

  test.each([
    ["serial://", "neither"],
    ["serial:///", "neither"],
    ["tcp://gateway", "TCP port"],
    ["serial:///dev/ttyS0?baud=0", "baud"],
    ["serial:///dev/ttyS0?baud=9600.5", "baud"],
    ["serial:///dev/ttyS0?parity=mark", "parity"],
    ["serial:///dev/ttyS0?data=9", "data"],
    ["serial:///dev/ttyS0?stop=3", "stop"],
    ["tcp://127.0.0.1:1?gap=-1", "gap"],
  ])("%s is refused, and says why", (url, why) => {
    expect(() => parse(url)).toThrow(
      expect.objectContaining({ kind: "unsupported", retry: false, message: expect.stringContaining(why) }),
    );
  });

  test("tells how long a device may think", () => {
    expect(answerTime_ms(new URL("serial:///dev/ttyS0?timeout=250"), 1_000)).toBe(250);
    expect(answerTime_ms(new URL("serial:///dev/ttyS0"), 1_000)).toBe(1_000);
    for (const wrong of ["0", "x", "10000"]) {
      expect(() => answerTime_ms(new URL(`serial:///dev/ttyS0?timeout=${wrong}`), 1)).toThrow("timeout");
    }
  });

  test("tells how long a character and the silence between frames last", () => {
    const slow = parse("serial:///dev/ttyS0?baud=9600&parity=even");
    expect(characterTime_ms(slow)).toBeCloseTo(11 / 9.6, 6);
    expect(gap_ms(slow)).toBeCloseTo(3.5 * (11 / 9.6), 6);
    expect(gap_ms(parse("serial:///dev/ttyS0?baud=115200"))).toBe(1.75);
    expect(gap_ms(parse("serial:///dev/ttyS0?baud=115200&gap=30"))).toBe(30);
    const server = parse("tcp://127.0.0.1:1");
    expect([characterTime_ms(server), gap_ms(server)]).toEqual([0, 0]);
    expect(describeSettings(DEFAULTS.settings)).toBe("9600 8N1");
  });
});
