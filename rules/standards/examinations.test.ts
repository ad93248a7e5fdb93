import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "@campus-ops/service";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { reportOn } from "../core/standards/report.ts";
import { signingKey } from "../evidence/signing-key.ts";
import { EXAMINATIONS_MAX, ExaminationStore } from "./examination-store.ts";
import { BY_SCHEDULE, Examinations, lastDue } from "./examinations.ts";
import { BUILT_IN_STANDARDS, loadStandard } from "./load.ts";
import { sealedReport, verifyReport } from "./page.ts";
import type { Standards } from "./standards.ts";

const pack = loadStandard(BUILT_IN_STANDARDS[0] ?? "");
const name = { zh: "校", en: "school" };
const on = (date: string): number => Date.parse(`${date}T08:00:00+08:00`);

let folder: string;
let store: ExaminationStore;
let now: number;
let answers: boolean;
/** How often a report was made. */
let made: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "examinations-"));
  store = new ExaminationStore(join(folder, "examinations.sqlite"));
  now = on("2026-07-10");
  answers = true;
  made = 0;
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const standards: Pick<Standards, "list" | "examined" | "isAnswered"> = {
  list: () => [{ ...pack, declarable: [] }],
  isAnswered: async () => answers,
  examined: async (_, { campus, from, to }, by) => {
    made += 1;
    const facts = { rooms: [], hours: new Map(), days: new Map(), rang: new Map(), keptDays: new Map() };
    const examined = { campus, path: `990100/990102/${campus}`, from, to, at: now };
    const report = reportOn(pack, examined, { ...facts, declarations: new Map() });
    const key = signingKey(join(folder, "key"));
    return { report, page: sealedReport({ hub: name, campus: name, exportedBy: by, report }, key) };
  },
};
const start = () => new Examinations({ store, standards, log: createLog("test", "silent"), now: () => now });
const of = () => store.of("handan", "one").map(({ due, from, to, by }) => ({ due, from, to, by }));

describe("examinations", () => {
  test("are made on demand over the standard's year, and kept with the page as it was signed", async () => {
    const examinations = start();
    const view = await examinations.examine("handan", { campus: "one", by: "校长" });
    expect(view).toMatchObject({ number: 1, from: on("2025-07-10"), to: now, by: "校长" });
    expect(view.examineAgainBy).toBe(on("2027-07-10"));
    expect(view.items.map(({ verdict }) => verdict)).toContain("not-met");
    const page = examinations.page("handan", 1, "one");
    expect(verifyReport(page)).toMatchObject({ problems: [], document: { exportedBy: "校长" } });
    expect(() => examinations.page("handan", 1, "two")).toThrow("two has no examination 1");
    await expect(examinations.examine("nothing", { campus: "one", by: "x" })).rejects.toThrow(
      "no standard nothing",
    );
  });

  test("are made again by themselves when the year is over, and once, however often it is looked and killed", async () => {
    await start().examine("handan", { campus: "one", by: "校长" });
    now = on("2027-07-09");
    expect(await start().run()).toBe(0);
    now = on("2027-07-11");
    // Killed after it was kept, and begun again.
    expect([await start().run(), await start().run()]).toEqual([1, 0]);
    expect(of()[0]).toEqual({
      due: on("2027-07-10"),
      from: on("2026-07-10"),
      to: on("2027-07-10"),
      by: BY_SCHEDULE,
    });
    expect(of()).toHaveLength(2);
  });

  test("that were missed while the hub was off for years are made up once, for the last of them", async () => {
    await start().examine("handan", { campus: "one", by: "校长" });
    now = on("2029-12-01");
    expect([await start().run(), await start().run()]).toEqual([1, 0]);
    expect(of()[0]?.due).toBe(on("2029-07-10"));
    now = on("2030-07-10");
    expect(await start().run()).toBe(1);
    expect(made).toBe(3);
  });

  test("wait for whoever has the evidence: what cannot be asked is not told as not verified", async () => {
    await start().examine("handan", { campus: "one", by: "校长" });
    now = on("2027-08-01");
    answers = false;
    expect([await start().run(), made]).toEqual([0, 1]);
    answers = true;
    expect(await start().run()).toBe(1);
  });

  test("that are due are made although as many were asked for as can be", async () => {
    const examinations = start();
    const { report } = await standards.examined("handan", { campus: "one", from: 0, to: now }, "x");
    for (let count = 0; count < EXAMINATIONS_MAX; count += 1) store.keep({ report, page: "", by: "x" });
    await expect(examinations.examine("handan", { campus: "one", by: "x" })).rejects.toThrow(
      "400 times already",
    );
    now = on("2027-08-01");
    expect(await examinations.run()).toBe(1);
  });

  test("are due on the same day of the month, or its last", () => {
    expect(lastDue(on("2026-08-31"), 6, on("2027-02-27"))).toBeUndefined();
    expect(lastDue(on("2026-08-31"), 6, on("2027-03-01"))).toBe(on("2027-02-28"));
    expect(lastDue(on("2026-08-31"), 6, on("2027-08-31"))).toBe(on("2027-08-31"));
  });
});
