import { afterEach, beforeEach, expect, test } from "vitest";
import type { Role } from "../accounts/core/permissions.ts";
import { json, openFolder, title, type World, world } from "./testing/world.ts";

let close: () => Promise<void>;
beforeEach(async () => {
  close = await openFolder();
});
afterEach(() => close());

const FEVER = "/api/v1/alarms/fever/confirmations";
const as = (role: Role, path = "990100/990102"): Promise<World> =>
  world(() => ({ user: "doctor-wang", title: title("doctor"), grants: [{ role, path }] }));
const post = (here: World, celsius: unknown, path = FEVER): Promise<Response> =>
  fetch(`${here.url}${path}`, json({ celsius }));

test("the school doctor enters what was read, under their own name, and the audit trail does not learn it", async () => {
  const here = await as("school-doctor");
  const answer = await post(here, 37.8);
  expect([answer.status, await answer.json()]).toMatchObject([200, { outcome: "confirmed", celsius: 37.8 }]);
  expect(here.received.at(-1)).toEqual({
    path: "/alarms/fever/confirmations",
    body: { by: "doctor-wang", celsius: 37.8 },
  });
  expect(here.audited).toEqual([
    { user: "doctor-wang", action: "alarm.confirm", alarm: "fever", path: "990100/990102/first/a/1/gate" },
  ]);
  const kept = await fetch(`${here.url}${FEVER}`);
  expect([kept.status, await kept.json()]).toMatchObject([200, [{ celsius: 37.8 }]]);
  expect(here.audited.at(-1)).toMatchObject({ action: "look.personal", alarm: "fever" });
  expect(JSON.stringify(here.audited)).not.toContain("37.8");
});

test("nobody else enters or sees it, and a doctor of another school is no doctor here", async () => {
  for (const [role, path, status] of [
    ["duty-leader", "990100/990102", 403],
    ["principal", "990100/990102", 403],
    ["administrator", "", 403],
    ["school-doctor", "990100/990121", 404],
  ] as const) {
    const here = await as(role, path);
    const answers = [await post(here, 37.8), await fetch(`${here.url}${FEVER}`)];
    expect([role, answers.map((answer) => answer.status), here.received]).toEqual([
      role,
      [status, status],
      [],
    ]);
    await close();
    close = await openFolder();
  }
});

test("a token, whatever it may do, is no person who has measured", async () => {
  const grants = [{ role: "school-doctor", path: "" }] as const;
  const here = await world(() => ({ user: "token:scanner", title: title("token"), grants }));
  expect([(await post(here, 37.8)).status, here.received]).toEqual([403, []]);
});

test("what no thermometer reads, and an alarm that no reading confirms, are refused in words", async () => {
  const here = await as("school-doctor");
  const [low, none] = [await post(here, 20), await post(here, 37.8, "/api/v1/alarms/a1/confirmations")];
  expect([low.status, await low.json()]).toMatchObject([
    400,
    { detail: expect.stringContaining("34～42 °C") },
  ]);
  expect([none.status, await none.json()]).toMatchObject([409, { detail: "这条报警不需要体温复核" }]);
  expect([(await post(here, "warm")).status, here.received]).toEqual([400, []]);
});
