import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportOn } from "@campus-ops/rules/core/standards/report";
import { loadStandard } from "@campus-ops/rules/standards";
import { sealedReport } from "@campus-ops/rules/standards/page";
import { expect, onTestFinished, test } from "vitest";
import { verdictOn } from "./verify-bundle.ts";

test("a file that is no bundle is not genuine, and one that is not there is the operator's to find", () => {
  const folder = mkdtempSync(join(tmpdir(), "verify-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "alarm.html");
  writeFileSync(file, "<html></html>");
  expect(verdictOn(file, "en")).toEqual({
    genuine: false,
    lines: [`${file}: not genuine`, "  it holds no bundle that can be read"],
  });
  expect(() => verdictOn(join(folder, "gone.html"), "zh")).toThrow("cannot be read (ENOENT)");
});

test("a report on a standard is genuine as the hub exported it, and not when a word of it was changed", () => {
  const folder = mkdtempSync(join(tmpdir(), "verify-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "report.html");
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const key = { private: privateKey, public: publicKey.export({ type: "spki", format: "pem" }).toString() };
  const pack = loadStandard(join(import.meta.dirname, "../../rules/standards/handan.yaml"));
  const examined = { campus: "one", path: "990100/990101/one", from: 0, to: 1, at: 1 } as const;
  const empty = { hours: new Map(), days: new Map(), rang: new Map(), keptDays: new Map() };
  const report = reportOn(pack, examined, { ...empty, rooms: [], declarations: new Map() });
  const names = {
    hub: { zh: "市", en: "city" },
    campus: { zh: "一小", en: "No. 1" },
    exportedBy: "official",
  };
  const page = sealedReport({ ...names, report }, key);
  writeFileSync(file, page);
  const { genuine, lines } = verdictOn(file, "en");
  expect(genuine).toBe(true);
  expect(lines[1]).toMatch(/^ {2}Handan, .* · No\. 1 · 1970-01-01T00:00:00\.001Z · official$/);
  writeFileSync(file, page.replace("未达标 · not met", "达标 · met"));
  expect(verdictOn(file, "en")).toMatchObject({ genuine: false });
});
