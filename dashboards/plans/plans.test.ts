import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planType } from "./plan-picture.ts";
import { PlanStore } from "./plan-store.ts";

const PLACE = "990100/990102/first/a/1";
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M0 0h10v10H0z"/></svg>';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a drawing is known by its content, after a declaration and comments, too", () => {
  expect(planType(bytes(`\uFEFF<?xml version="1.0"?>\n<!-- by hand -->\n${SVG}`))).toBe("image/svg+xml");
  expect(planType(bytes(SVG.replaceAll("svg", "s:svg")))).toBe("image/svg+xml");
  expect(planType(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))).toBe("image/png");
  expect(planType(bytes("not a plan"))).toBeUndefined();
});

test.each([
  ["a page", bytes("<html><body>plan</body></html>")],
  ["a script", bytes(SVG.replace("<path", "<script>fetch('/api/v1/site')</script><path"))],
  ["a script of another name space", bytes(SVG.replace("<path", "<s:script/><path"))],
  ["a handler", bytes(SVG.replace("<path", '<path onclick="x()"'))],
  ["an address that is a script", bytes(SVG.replace("<path", '<a href="JavaScript:x()"/><path'))],
  ["growing entities", bytes(`<!DOCTYPE svg [<!ENTITY a "aaaa">]>${SVG}`)],
  ["a page inside", bytes(SVG.replace("<path", "<foreignObject/><path"))],
  ["no text", new Uint8Array([0xff, 0xfe, 0xfd])],
])("a drawing that is, or holds, %s is refused", (_what, content) => {
  expect(planType(content)).toBeUndefined();
});

test("plans outlive the process", () => {
  const folder = mkdtempSync(join(tmpdir(), "plans-"));
  const first = new PlanStore(join(folder, "plans.sqlite"), () => 1);
  const plan = first.add({
    path: PLACE,
    title: "1",
    type: "image/svg+xml",
    content: Buffer.from(SVG),
    by: "w",
  });
  first.pin(plan?.id ?? 0, 1, [{ device: "d", x: 0, y: 0 }], "w");
  first.close();
  const again = new PlanStore(join(folder, "plans.sqlite"), () => 2);
  expect(again.list()).toMatchObject([{ version: 2, pins: [{ device: "d", x: 0, y: 0 }] }]);
  again.close();
  rmSync(folder, { recursive: true });
});
