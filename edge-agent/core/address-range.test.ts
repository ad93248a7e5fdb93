import { describe, expect, test } from "vitest";
import { ADDRESSES_MAX, InvalidRangeError, parseAddresses } from "./address-range.ts";

describe("the addresses a search may touch", () => {
  test.each([
    ["10.0.0.7", ["10.0.0.7"]],
    ["10.0.0.5-7", ["10.0.0.5", "10.0.0.6", "10.0.0.7"]],
    ["10.0.0.254-10.0.1.1", ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"]],
    ["10.0.0.9/30", ["10.0.0.9", "10.0.0.10"]],
    ["10.0.0.9/32, 10.0.0.9", ["10.0.0.9"]],
  ])("%s", (text, addresses) => {
    expect(parseAddresses(text)).toEqual(addresses);
  });

  test("a /24 has 254 of them: neither the network nor the broadcast address", () => {
    const found = parseAddresses("192.168.1.77/24");
    expect([found.length, found[0], found.at(-1)]).toEqual([254, "192.168.1.1", "192.168.1.254"]);
  });

  test.each(["", "10.0.0", "10.0.0.256", "10.0.0.9-5", "10.0.0.1-256", "10.0.0.0/33", "example.org", "::1"])(
    "%s is refused",
    (text) => {
      expect(() => parseAddresses(text)).toThrow(InvalidRangeError);
    },
  );

  test("a range beyond any campus is refused, not searched", () => {
    expect(parseAddresses("10.0.0.0/20").length).toBeLessThanOrEqual(ADDRESSES_MAX);
    expect(() => parseAddresses("10.0.0.0/19")).toThrow("search in parts");
    expect(() => parseAddresses("0.0.0.0/0")).toThrow(InvalidRangeError);
  });
});
