import { expect, test } from "vitest";
import type { Role } from "../accounts/core/permissions.ts";
import type { AlarmDetail } from "./api.ts";
import { asSeenBy, demandAllOf, MASKED } from "./personal.ts";
import { ALARM, title } from "./testing/world.ts";

const sample = (
  name: string,
  fields: Record<string, string | number | null>,
): AlarmDetail["evidence"][number] => ({
  device: "first/box/gate",
  name,
  value: null,
  fields,
  quality: { status: "good" },
  eventTime: 1,
  journalSeq: 1,
});
const EVIDENCE = [
  sample("Access/Swipe", { serial: 7, credential: "c0ffee", result: "refused" }),
  sample("Temperature/Screening", { celsius: 38.2, raw: 37.9, ambient: 21 }),
];
const caller = (role: Role, path = "990100/990102") => ({
  user: role,
  title: title(role),
  grants: [{ role, path }],
});
const seen = (role: Role, path?: string) => {
  const { evidence, personal } = asSeenBy(caller(role, path), ALARM.device.path, EVIDENCE);
  return [evidence[0]?.fields?.credential, evidence[1]?.fields?.celsius, evidence[1]?.fields?.raw, personal];
};

test("a card is for who has personal, a body temperature for the doctor alone, and the rest for everybody", () => {
  expect(seen("guard")).toEqual([MASKED, MASKED, MASKED, "masked"]);
  expect(seen("duty-leader")).toEqual(["c0ffee", MASKED, MASKED, "masked"]);
  expect(seen("school-doctor")).toEqual(["c0ffee", 38.2, 37.9, "shown"]);
  expect(seen("administrator")).toEqual([MASKED, MASKED, MASKED, "masked"]);
  const { evidence } = asSeenBy(caller("guard"), ALARM.device.path, EVIDENCE);
  expect(evidence.map(({ fields }) => [fields?.serial, fields?.result, fields?.ambient])).toEqual([
    [7, "refused", undefined],
    [undefined, undefined, 21],
  ]);
});

test("a doctor of another school is no doctor here", () => {
  expect(seen("school-doctor", "990100/990121")).toEqual([MASKED, MASKED, MASKED, "masked"]);
});

test("what holds nothing personal is left as it is, a name from the wire that means nothing too", () => {
  const plain = [sample("Panic/Pressed", { by: "x" }), sample("constructor", { name: "x" })];
  expect(asSeenBy(caller("guard"), ALARM.device.path, plain)).toEqual({ evidence: plain, personal: "none" });
});

test("a bundle, which holds everything, is for who may see all of it", () => {
  const alarm = { ...ALARM, evidence: EVIDENCE };
  expect(() => demandAllOf(caller("duty-leader"), alarm)).toThrow("personal data");
  expect(() => demandAllOf(caller("school-doctor"), alarm)).not.toThrow();
  expect(() => demandAllOf(caller("principal"), ALARM)).not.toThrow();
});
