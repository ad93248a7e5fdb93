import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PROFILES } from "./catalogue.ts";
import { genericHexController } from "./classroom-controller/generic-hex.ts";
import { dellS518wl } from "./projector/dell-s518wl.ts";
import {
  commandFor,
  listen,
  type SerialControlProfile,
  serialControlProblems,
} from "./serial-control-profile.ts";
import type { SerialControlTestcase } from "./testcase.ts";
import { testcasesOf } from "./testing/testcases.ts";

const profiles = PROFILES.filter(
  (profile): profile is SerialControlProfile => profile.protocol === "serial-control",
);
const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(text.split(" "), (byte) => Number.parseInt(byte, 16));
const toHex = (bytes: Uint8Array | undefined): string =>
  [...(bytes ?? [])].map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(" ");

describe.each(profiles)("$id", async (profile) => {
  const testcases = await testcasesOf<SerialControlTestcase>(profile.id);
  const id = profile.deviceNumber;

  test("has testcases, and a table without a fault", () => {
    expect(testcases.length).toBeGreaterThan(1);
    expect(serialControlProblems(profile)).toEqual([]);
  });

  test.each(testcases)("$title", ({ says = [], sends = [] }) => {
    expect(says.length + sends.length).toBeGreaterThan(0);
    for (const [metric, value, bytes] of sends) {
      const frame =
        value === "?" ? profile.points[metric]?.query?.make({ id }) : commandFor(profile, metric, value, id);
      expect(toHex(frame), `${metric} ${String(value)}`).toBe(bytes);
    }
    for (const [bytes, metric, value] of says) {
      const [answer] = listen(profile, fromHex(bytes), id, { metrics: [metric] }).said;
      expect(answer, bytes).toEqual(
        value === undefined ? { kind: "refused" } : { kind: "told", heard: { metric, value } },
      );
    }
  });

  test("what it says is understood byte by byte, and behind any noise that is not of its own", () => {
    for (const { says = [] } of testcases) {
      for (const [bytes, metric] of says) {
        const whole = listen(profile, fromHex(bytes), id, { metrics: [metric] }).said[0];
        const frame = fromHex(bytes);
        let heard = 0;
        for (let length = 1; length <= frame.length; length++) {
          const { said } = listen(profile, frame.subarray(0, length), id, { metrics: [metric] });
          if (said.length > 0) {
            heard += 1;
            expect(said[0]).toEqual(whole);
          }
        }
        expect(heard).toBeGreaterThan(0);
        const noisy = Uint8Array.of(0xff, 0xfe, ...frame);
        expect(listen(profile, noisy, id, { metrics: [metric] }).said[0]).toEqual(whole);
      }
    }
  });

  test("no bytes make it throw, and what it leaves is the beginning of a frame at most", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const { rest } = listen(profile, bytes, id, { acknowledged: true });
        expect(rest).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

test("an acknowledgement of one byte is no answer to a question that begins with that byte", () => {
  const metrics = ["Projector/Power"];
  expect(listen(dellS518wl, fromHex("00"), 0, { metrics }).said).toEqual([]);
  expect(listen(dellS518wl, fromHex("00"), 0, { metrics, acknowledged: true }).said).toEqual([
    { kind: "accepted" },
  ]);
  expect(listen(dellS518wl, fromHex("00 FF 03"), 0, { metrics, acknowledged: true }).said).toEqual([
    { kind: "told", heard: { metric: "Projector/Power", value: "on" } },
  ]);
});

test("frames of another device on the line, and frames whose sum is wrong, are not heard", () => {
  expect(listen(genericHexController, fromHex("5A 02 01 01 5E"), 1).said).toEqual([]);
  expect(listen(genericHexController, fromHex("5A 01 01 01 5E"), 1).said).toEqual([]);
  expect(listen(genericHexController, fromHex("5A 01 01 01 5D"), 1).said).toHaveLength(1);
});

test("a value that the device has no frame for cannot be sent", () => {
  expect(commandFor(dellS518wl, "Projector/Power", "warming", 0)).toBeUndefined();
  expect(commandFor(dellS518wl, "Display/Power", true, 0)).toBeUndefined();
  expect(commandFor(dellS518wl, "constructor", true, 0)).toBeUndefined();
});
