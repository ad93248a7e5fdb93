import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, complaintOf, failureOf, lastWords, percentOf, refusalOf } from "./bundle.ts";

const IMAGE = { compatible: "campus-ops-edge-amd64", version: "0.10.0", built: "2026-11-22T00:00:00Z" };

test.each([
  ["campus-ops-edge-arm64", "0.11.0", "wrong-compatible"],
  ["campus-ops-edge-amd64", "0.9.0", "older-version"],
  ["campus-ops-edge-amd64", "0.10.0-rc.1", "older-version"],
  ["campus-ops-edge-amd64", "0.10.0", "same-version"],
  ["campus-ops-edge-amd64", "0.10.1", undefined],
  ["campus-ops-edge-amd64", "1.0.0-rc.1", undefined],
])("a bundle for %s of version %s comes to %s", (compatible, version, code) => {
  expect(refusalOf({ compatible, version }, IMAGE)).toBe(code);
});

test("versions have one order, whichever way round they are asked", () => {
  const number = fc.nat(20).map(String);
  const version = fc
    .tuple(
      fc.array(number, { minLength: 1, maxLength: 3 }),
      fc.option(fc.constantFrom("rc.1", "rc.2", "beta")),
    )
    .map(([parts, pre]) => `${parts.join(".")}${pre === null ? "" : `-${pre}`}`);
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
        expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
    }),
  );
});

test("RAUC's progress is read from its lines, and nothing else is", () => {
  expect(percentOf(" 40% Copying image to rootfs.1")).toBe(40);
  expect(percentOf("100% Installing done.")).toBe(100);
  expect(percentOf("LastError: 40% of the blocks")).toBeUndefined();
});

test("what goes wrong while writing is the content's fault, or the disk's", () => {
  expect(failureOf("Failed to update slot: Error reading: Input/output error")).toBe("content-damaged");
  expect(failureOf("Error writing to /dev/vda5: No space left on device")).toBe("install-failed");
});

test("a complaint is shown in one short line", () => {
  expect(lastWords(`first\n  ${"x".repeat(1_000)}  \n\n`)).toHaveLength(300);
});

test("what nobody has seen before is a signature that was not found good", () => {
  expect(complaintOf("something new")).toBe("bad-signature");
});
