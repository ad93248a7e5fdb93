import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadEnrolmentConfiguration } from "./configuration.ts";
import { boxPlan } from "./edge-configuration.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "edge-configuration-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function hostOf(sections: string): unknown {
  const file = join(folder, "hub.yaml");
  writeFileSync(
    file,
    `site:
  city: { code: '990100', title: { zh: 临岚市, en: Linlan } }
  counties:
    - code: '990101'
      title: { zh: 栖云县, en: Qiyun }
      campuses: [{ id: school, title: { zh: 第一小学, en: No. 1 } }]
enrolment: { folder: pki, listen: { host: 127.0.0.1, port: 8444 }, names: [hub.school.test] }
ingest: { hostId: city }
${sections}`,
  );
  const enrolment = loadEnrolmentConfiguration(file);
  if (enrolment === undefined) throw new Error("it enrols");
  return boxPlan(file, enrolment, { campus: "school", node: "box-1" }).configuration;
}

test("a campus that was added in the console takes boxes, and is known by its place", () => {
  hostOf("");
  const file = join(folder, "hub.yaml");
  const value = {
    city: { code: "990100", title: { zh: "临岚市", en: "Linlan" } },
    counties: [
      {
        code: "990102",
        title: { zh: "栖云区", en: "Qiyun" },
        campuses: [{ id: "second", title: { zh: "第二小学", en: "No. 2" } }],
      },
    ],
  };
  const overlay = { at: "site", file: "site.yaml", text: JSON.stringify({ value }), files: folder };
  const enrolment = loadEnrolmentConfiguration(file);
  if (enrolment === undefined) throw new Error("it enrols");
  const box = { campus: "second", node: "box-1" };
  expect(() => boxPlan(file, enrolment, box)).toThrow("knows no campus second");
  expect(boxPlan(file, enrolment, box, [overlay]).configuration).toMatchObject({
    campus: { id: "second", path: "990100/990102/second" },
  });
});

test("a box is told to wait for the hub's host, or for its campus's where workers share the campuses out", () => {
  expect(hostOf("")).toMatchObject({ primaryHost: "city" });
  const relational = "relational: { kind: postgres, url: 'postgresql://campus_ops@127.0.0.1/campus_ops' }";
  expect(hostOf(relational)).toMatchObject({ primaryHost: "city-school" });
});
