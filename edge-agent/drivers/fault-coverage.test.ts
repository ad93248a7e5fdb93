/** No driver and no fault of real devices is forgotten: each is put to the other, or it is said why that cannot be. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROFILES } from "@campus-ops/device-profiles/profiles";
import { SIMULATED_FAULTS } from "@campus-ops/device-profiles/simulator";
import { describe, expect, test } from "vitest";
import { LEFT_OUT, PLAYED_BESIDE } from "../testing/fault-coverage.ts";
import { oneOfEachProtocol, startDevice } from "../testing/observed-session.ts";

const FAULTS = Object.keys(SIMULATED_FAULTS);
const protocols = new Set(PROFILES.map(({ protocol }) => protocol).filter((each) => each !== "local-hub"));
const textOf = (file: string): string => readFileSync(join(import.meta.dirname, file), "utf8");

/** Every place in which a fault of a protocol is accounted for, by `protocol fault`. */
async function accounts(): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  const note = (protocol: string, fault: string, where: string): void => {
    const key = `${protocol} ${fault}`;
    found.set(key, [...(found.get(key) ?? []), where]);
  };
  for (const profile of oneOfEachProtocol()) {
    const device = await startDevice(profile);
    for (const fault of device.faults) note(profile.protocol, fault, "round trip");
    await device.close();
  }
  for (const { faults, file, protocol } of PLAYED_BESIDE)
    for (const fault of faults) note(protocol, fault, file);
  for (const { faults, protocols: each, why } of LEFT_OUT)
    for (const protocol of each) for (const fault of faults) note(protocol, fault, why.en);
  return found;
}

test("every driver is put to every fault, or it is said why its devices cannot show it", async () => {
  const found = await accounts();
  const wanted = [...protocols].flatMap((protocol) => FAULTS.map((fault) => `${protocol} ${fault}`));
  expect(wanted.filter((key) => !found.has(key))).toEqual([]);
  expect([...found].filter(([, places]) => places.length > 1)).toEqual([]);
  expect([...found.keys()].filter((key) => !wanted.includes(key))).toEqual([]);
});

describe("the tests that are named beside a reason", () => {
  test.each(LEFT_OUT.flatMap((each) => (each.test === undefined ? [] : [each.test])))(
    "$file: $title",
    ({ file, title }) => {
      const titles = [...textOf(file).matchAll(/(?:test|describe)(?:\.\w+)*\([^)]*?["`]([^"`]*)["`]/g)].map(
        ([, each]) => each ?? "",
      );
      expect(titles.filter((each) => each.includes(title))).not.toEqual([]);
    },
  );

  test.each(PLAYED_BESIDE)("$protocol: $file plays $faults", ({ faults, file }) => {
    const text = textOf(file);
    expect(faults.filter((fault) => !text.includes(`"${fault}"`))).toEqual([]);
  });
});
