import { PassThrough } from "node:stream";
import { createLog } from "@campus-ops/service";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type CountPolicyReport, REPORTS_MAX, readPolicyReports } from "./policy-reports.ts";
import { openFolder, type World, world } from "./testing/world.ts";

/** As Chromium sends it by `report-to`, shortened. */
const violation = {
  age: 12,
  type: "csp-violation",
  url: "https://hub.example/alarms?text=secret",
  user_agent: "Mozilla/5.0",
  body: {
    blockedURL: "https://evil.example/x.js?token=secret#secret",
    disposition: "enforce",
    documentURL: "https://hub.example/alarms?text=secret",
    effectiveDirective: "script-src-elem",
    lineNumber: 7,
    originalPolicy: "default-src 'self'",
    sample: "secret",
    sourceFile: "https://hub.example/assets/index.js?secret",
  },
};
/** As browsers send it by `report-uri`. */
const older = {
  "csp-report": {
    "document-uri": "http://hub.example/",
    "violated-directive": "img-src 'self' data:",
    "blocked-uri": "inline",
  },
};

describe("a report", () => {
  test("is read in either form, without what is secret in its addresses", () => {
    const [report] = readPolicyReports([violation]);
    expect(report).toEqual({
      directive: "script-src-elem",
      page: "https://hub.example/alarms",
      blocked: "https://evil.example/x.js",
      source: "https://hub.example/assets/index.js",
      line: 7,
    });
    expect(readPolicyReports(older)).toMatchObject([{ directive: "img-src", blocked: "inline", source: "" }]);
  });

  test("of something else, or of nothing, is none; of too many the first are read", () => {
    expect(readPolicyReports([{ ...violation, type: "deprecation" }])).toEqual([]);
    expect(readPolicyReports({ "csp-report": "x" })).toEqual([]);
    expect(readPolicyReports(Array.from({ length: 500 }, () => violation))).toHaveLength(REPORTS_MAX);
  });

  test("whatever it holds, is few short words", () => {
    fc.assert(
      fc.property(fc.object({ key: fc.constantFrom(...Object.keys(violation.body)) }), (body) => {
        for (const report of readPolicyReports([{ type: "csp-violation", body }])) {
          expect(JSON.stringify(report).length).toBeLessThan(1_000);
          expect(report.page).not.toContain("?");
        }
      }),
      { numRuns: 50 },
    );
  });

  test("of an address that is none says of what kind it is, and no more", () => {
    const blocked = (blockedURL: string) =>
      readPolicyReports([{ ...violation, body: { ...violation.body, blockedURL } }])[0]?.blocked;
    expect(blocked("data:text/html,secret")).toBe("data");
    expect(blocked("wasm-eval")).toBe("wasm-eval");
    expect(blocked("<secret>")).toBe("other");
  });
});

describe("at the hub", () => {
  let close: () => Promise<void>;
  let here: World;
  const counted: Parameters<CountPolicyReport>[0][] = [];
  const written = new PassThrough();
  beforeAll(async () => {
    close = await openFolder();
    const log = createLog("test", "warn", written);
    here = await world(undefined, { countPolicyReport: (labels) => counted.push(labels), log });
  });
  beforeEach(() => {
    counted.length = 0;
    written.read();
  });
  afterAll(() => close());

  const send = (type: string, body: string, remoteAddress = "127.0.0.1") =>
    here.server.inject({
      method: "POST",
      url: "/csp-reports",
      headers: { host: "localhost", "content-type": type },
      payload: body,
      remoteAddress,
    });

  test("every page says where reports go, and each is counted and in the log, without queries", async () => {
    const { headers } = await here.server.inject({ url: "/healthz" });
    expect(headers["content-security-policy"]).toMatch(/report-to csp;report-uri \/csp-reports/);
    expect(headers["reporting-endpoints"]).toBe('csp="/csp-reports"');
    const newer = await send("application/reports+json", JSON.stringify([violation, violation]));
    expect(newer.statusCode).toBe(204);
    expect((await send("application/csp-report", JSON.stringify(older))).statusCode).toBe(204);
    expect(counted.map(({ directive }) => directive)).toEqual([
      "script-src-elem",
      "script-src-elem",
      "img-src",
    ]);
    const text = String(written.read());
    expect(text).toContain('"blocked":"https://evil.example/x.js"');
    expect(text).not.toContain("secret");
  });

  test("what is no report or too large is refused, and nothing of it is kept", async () => {
    const status = async (type: string, body: string) => (await send(type, body)).statusCode;
    expect(await status("application/reports+json", "{")).toBe(400);
    expect(await status("application/csp-report", JSON.stringify("x".repeat(17 * 1024)))).toBe(413);
    expect(await status("application/csp-report", '{"__proto__":{"x":1}}')).toBe(400);
    expect(await status("text/plain", "x")).toBe(400);
    expect(counted).toEqual([]);
  });

  test("more than a page can mean are counted, and not written down", async () => {
    const statuses: number[] = [];
    for (let each = 0; each < 30; each += 1)
      statuses.push((await send("application/csp-report", JSON.stringify(older), "127.0.0.2")).statusCode);
    expect(new Set(statuses)).toEqual(new Set([204, 429]));
    const notRead = counted.filter(({ result }) => result === "not-read");
    expect(notRead).toHaveLength(statuses.filter((status) => status === 429).length);
    expect(String(written.read()).trim().split("\n")).toHaveLength(30 - notRead.length);
  });
});
