import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { RulesStore } from "../store/rules-store.ts";
import { birth, data, Hub } from "../testing/hub.ts";
import type { DeclarationView, StandardReport, StandardView, VerdictChange } from "./api.ts";
import { verifyReport } from "./page.ts";

const RANGE = `campus=school&from=${Date.UTC(2026, 8, 1)}&to=${Date.UTC(2026, 9, 1)}`;

let hub: Hub;
afterEach(() => hub.close());

test("a hub without its ingest verifies nothing by itself; what people state counts, stays and is signed", async () => {
  hub = new Hub();
  expect(await hub.start()).toEqual({ ready: true });
  const standards = await hub.get<StandardView[]>("/standards");
  expect(standards.map(({ id }) => id)).toEqual(["handan", "school-security"]);
  expect(standards[1]?.declarable).toContainEqual({
    about: "pupils",
    title: { zh: "学生人数", en: "pupils" },
    kind: "number",
  });

  const report = () => hub.get<StandardReport>(`/standards/handan/report?${RANGE}`);
  const verdicts = async (verdict: string) =>
    (await report()).items.flatMap((item) => (item.verdict === verdict ? [item.id] : []));
  expect(await verdicts("met")).toEqual([]);
  // No room has a record of use: that is not met, whatever else is unknown.
  expect(await verdicts("not-met")).toEqual(["special-rooms"]);

  const declare = (body: object) => hub.post("/standards/handan/declarations", body);
  const said = {
    campus: "school",
    about: "separated",
    value: true,
    evidence: "network plan 3",
    by: "director",
  };
  expect((await declare(said)).status).toBe(200);
  expect((await declare({ ...said, value: "yes" })).status).toBe(400);
  expect((await declare({ ...said, about: "bandwidth" })).status).toBe(400);
  expect((await declare({ ...said, campus: "nowhere" })).status).toBe(404);
  expect(await verdicts("met")).toEqual(["separation"]);

  await hub.end("SIGKILL");
  expect(await hub.start()).toEqual({ ready: true });
  const kept = await hub.get<DeclarationView[]>("/standards/handan/declarations?campus=school");
  expect(kept).toMatchObject([said]);
  const history = await hub.get<VerdictChange[]>("/standards/handan/history?campus=school");
  expect(history.filter(({ item }) => item === "separation").map(({ verdict }) => verdict)).toEqual([
    "met",
    "not-verified",
  ]);
  const page = await hub.client.fetch(`/standards/handan/report.html?${RANGE}&by=bureau`);
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const { problems, document } = verifyReport(await page.text());
  expect(problems).toEqual([]);
  expect(document?.report.points).toEqual({
    total: 100,
    met: 1,
    notMet: 2,
    notVerified: 17,
    notMeasured: 80,
  });

  const status = async (path: string) => (await hub.client.fetch(path)).status;
  expect(await status(`/standards/nothing/report?${RANGE}`)).toBe(404);
  expect(await status("/standards/handan/report?campus=school&from=2&to=1")).toBe(400);
  expect(await status("/standards/handan/report?campus=school&from=0&to=9000000000000")).toBe(400);
});

test("a panic button that rang is found by its device, within the range alone", async () => {
  hub = new Hub();
  expect(await hub.start()).toEqual({ ready: true });
  const at = Date.UTC(2026, 8, 7);
  await hub.journal.append(
    [
      birth(undefined, at, { "Properties/Class": "edge-box" }),
      birth("panic", at, {
        "Properties/Class": "panic-button",
        "Properties/Path": "990100/990101/school/gate",
        "Panic/Pressed": false,
      }),
      data("panic", at + 1_000, { "Panic/Pressed": true }),
    ].map((entry) => ({ ...entry, receivedAt: at + 1_000 })),
  );
  await expect.poll(async () => (await hub.get<unknown[]>("/alarms")).length, { timeout: 15_000 }).toBe(1);
  await hub.end("SIGTERM");
  const store = new RulesStore(join(hub.data, "rules.sqlite"));
  const rang = (from: number, to: number) => [...store.lastRang("panic-pressed", from, to)];
  expect(rang(at, at + 2_000)).toEqual([["school/box-1/panic", at + 1_000]]);
  expect(rang(at + 2_000, at + 3_000)).toEqual([]);
  expect(store.lastRang("panic-line-fault", at, at + 2_000).size).toBe(0);
  store.close();
});
