import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { genericIfMib } from "../../profiles/switch/generic-if-mib.ts";
import { genericPoe } from "../../profiles/switch/generic-poe.ts";
import { type SnmpSimulatedDevice, startSnmpSimulator } from "./simulator.ts";

/** The peer: the command-line tools of Net-SNMP, from Debian's package `snmp`. */
const run = promisify(execFile);
const LOGIN = ["-v2c", "-c", "campus", "-On", "-Oe", "-r0", "-t2"];

let device: SnmpSimulatedDevice | undefined;
afterEach(() => device?.close());

async function start(profile = genericPoe, now?: () => number): Promise<SnmpSimulatedDevice> {
  device = await startSnmpSimulator(profile, { secret: "campus", ...(now === undefined ? {} : { now }) });
  return device;
}

async function walk(url: string, oid: string, tool: "snmpwalk" | "snmpbulkwalk"): Promise<string[]> {
  const { stdout } = await run(tool, [...LOGIN, new URL(url).host, oid]);
  return stdout.split("\n").filter((line) => line.includes(" = ") && !line.includes("No more variables"));
}

test("Net-SNMP walks the same objects with GetNext and with GetBulk", async () => {
  const { url } = await start();
  const byGetNext = await walk(url, "1.3.6.1.2.1.105", "snmpwalk");
  expect(byGetNext).toHaveLength(16);
  expect(byGetNext[0]).toBe(".1.3.6.1.2.1.105.1.1.1.3.1.1 = INTEGER: 1");
  expect(await walk(url, "1.3.6.1.2.1.105", "snmpbulkwalk")).toEqual(byGetNext);
});

test("Net-SNMP switches a port off: its power and its link are gone, and come back", async () => {
  const switched = await start();
  const { host } = new URL(switched.url);
  const enabled = ".1.3.6.1.2.1.105.1.1.1.3.1.3";
  await run("snmpset", [...LOGIN, host, enabled, "i", "2"]);
  expect(switched.get("PoE/3/Enabled")).toBe(false);
  expect(switched.get("PoE/3/Detection")).toBe("disabled");
  const { stdout } = await run("snmpget", [...LOGIN, host, "1.3.6.1.2.1.2.2.1.8.3"]);
  expect(stdout).toContain("INTEGER: 2");
  await run("snmpset", [...LOGIN, host, enabled, "i", "1"]);
  expect(switched.get("Port/3/Oper")).toBe("up");
  expect(switched.get("PoE/3/Detection")).toBe("delivering");
});

test("a value that is no TruthValue and an object that is read-only are refused, and nothing changes", async () => {
  const switched = await start();
  const { host } = new URL(switched.url);
  const set = (oid: string, value: string) => run("snmpset", [...LOGIN, host, oid, "i", value]);
  await expect(set("1.3.6.1.2.1.105.1.1.1.3.1.3", "7")).rejects.toThrow(/wrongValue/);
  await expect(set("1.3.6.1.2.1.2.2.1.8.3", "2")).rejects.toThrow(/notWritable/);
  expect(switched.get("PoE/3/Enabled")).toBe(true);
  expect(switched.get("Port/3/Oper")).toBe("up");
});

test("octets grow with the clock at the port's rate while the link is up, beyond 2^53", async () => {
  let clock = 0;
  const switched = await start(genericIfMib, () => clock);
  switched.setTraffic(1, { inBitsPerSecond: 80_000_000, outBitsPerSecond: 8_000 });
  switched.set("Port/1/InOctets", 2n ** 60n);
  clock = 2_000;
  expect(switched.get("Port/1/InOctets")).toBe(2n ** 60n + 20_000_000n);
  expect(switched.get("Port/1/OutOctets")).toBe(2_000);
  switched.set("Port/1/Oper", "down");
  clock = 10_000;
  expect(switched.get("Port/1/OutOctets")).toBe(2_000);
  const counters = await walk(switched.url, "1.3.6.1.2.1.31.1.1.1.6.1", "snmpwalk");
  expect(counters).toEqual([`.1.3.6.1.2.1.31.1.1.1.6.1 = Counter64: ${2n ** 60n + 20_000_000n}`]);
});

test("another community gets no answer", async () => {
  const { url } = await start();
  const guess = run("snmpget", [
    "-v2c",
    "-c",
    "public",
    "-r0",
    "-t1",
    new URL(url).host,
    "1.3.6.1.2.1.1.3.0",
  ]);
  await expect(guess).rejects.toThrow(/Timeout/);
});

test("a metric the device has not is a mistake of whoever drives it", async () => {
  const switched = await start();
  expect(() => switched.set("PoE/9/Enabled", false)).toThrow(RangeError);
  expect(() => switched.get("Door/Open")).toThrow(RangeError);
  expect(() => switched.raise("Access/Swipe", {})).toThrow(RangeError);
});
