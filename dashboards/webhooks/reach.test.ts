import type { lookup } from "node:dns";
import { expect, test } from "vitest";
import { literalAddress, lookupWithin, RefusedAddressError, reaching } from "./reach.ts";

test.each([
  "127.0.0.1",
  "127.8.9.10",
  "0.0.0.0",
  "169.254.169.254",
  "100.100.100.200",
  "224.0.0.251",
  "255.255.255.255",
  "::1",
  "::",
  "::ffff:127.0.0.1",
  "::ffff:169.254.169.254",
  "::7f00:1",
  "64:ff9b::7f00:1",
  "fe80::1",
  "fd00:ec2::254",
  "ff02::1",
])("a webhook does not go to %s, which is this machine's or its neighbours' alone", (address) => {
  expect(reaching([])(address)).toBe(false);
});

test.each(["10.0.0.7", "192.168.1.7", "172.16.0.7", "203.0.113.7", "fd12::7", "2001:db8::7"])(
  "a webhook goes to %s: bureaus have their systems in networks of their own",
  (address) => {
    expect(reaching([])(address)).toBe(true);
  },
);

test("what a configuration allows is taken, by address or by network, and nothing beside it", () => {
  const mayReach = reaching(["127.0.0.1", "::1", "169.254.10.0/24"]);
  expect(["127.0.0.1", "::1", "169.254.10.9"].map(mayReach)).toEqual([true, true, true]);
  expect(["127.0.0.2", "169.254.11.9"].map(mayReach)).toEqual([false, false]);
});

test.each([
  ["https://127.1/x", "127.0.0.1"],
  ["https://2130706433/x", "127.0.0.1"],
  ["https://0x7f.0.0.1/x", "127.0.0.1"],
  ["https://[::ffff:127.0.0.1]/x", "::ffff:7f00:1"],
  ["https://bureau.example/x", undefined],
])("%s names the address %s, however it is written", (url, address) => {
  expect(literalAddress(new URL(url))).toBe(address);
});

test("a name is refused when one of the addresses that it means is", async () => {
  const meaning = (...addresses: readonly string[]): Promise<unknown> => {
    const resolve = ((_host: string, _options: object, done: (error: null, found: object[]) => void) =>
      done(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      )) as unknown as typeof lookup;
    return new Promise((answer) =>
      lookupWithin(reaching([]), resolve)("bureau.example", {}, (error, found) => answer(error ?? found)),
    );
  };
  expect(await meaning("10.0.0.7")).toBe("10.0.0.7");
  expect(await meaning("10.0.0.7", "127.0.0.1")).toBeInstanceOf(RefusedAddressError);
});
