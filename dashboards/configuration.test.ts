import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidDocumentError } from "@campus-ops/service";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfiguration } from "./configuration.ts";

const SITE = 'site: { city: { code: "990100", title: { zh: 市, en: City } }, counties: [] }\n';
const PROVIDER =
  "provider: { title: { zh: 局, en: bureau }, issuer: 'https://id.example', clientId: hub, grants: [{ group: g, role: guard, path: '' }] }";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dashboards-configuration-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(section: string) {
  const file = join(folder, "hub.yaml");
  writeFileSync(file, `${SITE}dashboards:\n  ${section.replaceAll("\n", "\n  ")}\n`);
  return loadConfiguration(file).dashboards;
}
function problems(section: string): string {
  try {
    load(section);
    return "none";
  } catch (error) {
    if (error instanceof InvalidDocumentError) return error.message;
    throw error;
  }
}

describe("the section dashboards", () => {
  test("asks for no account unless it is told to, and keeps the audit trail for a year", () => {
    expect(load("host: 127.0.0.1")).toMatchObject({ access: "loopback", audit: { keepMonths: 12 } });
  });

  test.each([
    [
      "an open host without accounts",
      "host: 0.0.0.0",
      /hub.yaml:3: dashboards.host: other machines can reach 0.0.0.0/,
    ],
    ["passwords in the clear", "host: 0.0.0.0\naccess: accounts", /dashboards.host: passwords would travel/],
    ["a token without its file", "access: token", /dashboards.access: .*tokenFile must name a file/],
    [
      "a provider without accounts",
      `url: https://h.example\n${PROVIDER}`,
      /provider: is of use with access: accounts/,
    ],
    ["a provider and no way back", `access: accounts\n${PROVIDER}`, /provider: needs url/],
    [
      "a provider over plain HTTP",
      `access: accounts\n${PROVIDER.replace("https", "http")}`,
      /issuer: must look like/,
    ],
    ["a role that is none", `access: accounts\n${PROVIDER.replace("guard", "king")}`, /role: must be one of/],
    [
      "certificates that are not there",
      "access: accounts\ntls: { certificateFile: a, keyFile: b }",
      /tls.keyFile: there is no such file/,
    ],
    ["an audit trail of three months", "audit: { keepMonths: 3 }", /keepMonths/],
  ])("is refused with %s, by line and field", (_what, section, says) => {
    expect(problems(section)).toMatch(says);
  });

  test("takes accounts behind a proxy, or with a certificate of its own, and makes paths absolute", () => {
    expect(problems("host: 0.0.0.0\naccess: accounts\nbehindProxy: { addresses: [10.0.0.0/24] }")).toBe(
      "none",
    );
    for (const name of ["a", "b"]) writeFileSync(join(folder, name), "");
    const { tls } = load("host: 0.0.0.0\naccess: accounts\ntls: { certificateFile: a, keyFile: b }");
    expect(tls).toEqual({ certificateFile: join(folder, "a"), keyFile: join(folder, "b") });
  });
});
