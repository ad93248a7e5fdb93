import { execFileSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CampusId, identityOfNames, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority, certificateFile, keyFile, LEAF_DAYS, pinOf } from "./authority.ts";

const NOW = Date.UTC(2026, 10, 22);
const DAY_MS = 86_400_000;
const identity = { role: "edge", campus: CampusId("qiyun-no1"), node: NodeId("box-1") } as const;
const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({
  type: "spki",
  format: "der",
});

const top = mkdtempSync(join(tmpdir(), "authority-"));
const folder = join(top, "pki");
let authority: Authority;
beforeAll(async () => {
  authority = await Authority.create(folder, "奇云市第一中学 campus-ops", NOW);
});
afterAll(() => rmSync(top, { recursive: true }));

const write = (name: string, text: string): string => {
  const file = join(top, name);
  writeFileSync(file, text);
  return file;
};
/** What OpenSSL, an independent judge, says of a certificate for a purpose. */
const verify = (file: string, purpose: string): string =>
  execFileSync(
    "openssl",
    [
      "verify",
      "-x509_strict",
      "-purpose",
      purpose,
      "-attime",
      String(NOW / 1_000 + 60),
      "-CAfile",
      certificateFile(folder),
      file,
    ],
    { encoding: "utf8", stdio: "pipe" },
  );

describe("an authority", () => {
  test("keeps its key to its owner, and is not made twice", async () => {
    expect(statSync(keyFile(folder)).mode & 0o777).toBe(0o600);
    await expect(Authority.create(folder, "again", NOW)).rejects.toThrow("already");
    expect(Authority.open(folder).pin).toBe(authority.pin);
    expect(authority.pin).toMatch(/^[0-9a-f]{64}$/);
    expect(pinOf(authority.certificate)).toBe(authority.pin);
  });

  test("signs for an edge node what OpenSSL takes for a client's and for no server's", async () => {
    const { pem, notAfter, notBefore, serial } = await authority.issue(identity, key, NOW);
    const file = write("leaf.crt", pem);
    expect(verify(file, "sslclient")).toContain("OK");
    expect(() => verify(file, "sslserver")).toThrow();
    const leaf = new X509Certificate(pem);
    expect(identityOfNames(leaf.subjectAltName)).toEqual(identity);
    expect(leaf.subject).toBe("CN=qiyun-no1.box-1");
    expect(leaf.serialNumber.toLowerCase()).toBe(serial);
    expect(leaf.validFromDate.getTime()).toBe(notBefore);
    expect(notAfter - notBefore).toBe(LEAF_DAYS * DAY_MS);
    expect(leaf.ca).toBe(false);
    const root = new X509Certificate(authority.certificate);
    expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true);
    expect((await authority.issue(identity, key, NOW)).serial).not.toBe(serial);
  });

  test("signs for a server its names and addresses, with the root behind it", async () => {
    const pem = await authority.issueServer(["hub.example", "127.0.0.1", "fd00::1"], NOW);
    const server = new X509Certificate(pem);
    expect(server.checkHost("hub.example")).toBe("hub.example");
    expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(server.checkHost("other.example")).toBeUndefined();
    expect(server.checkPrivateKey(createPrivateKey(pem))).toBe(true);
    expect(verify(write("server.pem", pem), "sslserver")).toContain("OK");
    expect(pem.trimEnd().endsWith(authority.certificate.trimEnd())).toBe(true);
  });

  test("signs nothing while its key is away or can be read by others, and says what to do", async () => {
    const other = join(top, "offline");
    const away = await Authority.create(other, "offline", NOW);
    chmodSync(keyFile(other), 0o640);
    await expect(away.issue(identity, key, NOW)).rejects.toThrow("chmod 600");
    rmSync(keyFile(other));
    await expect(away.issue(identity, key, NOW)).rejects.toThrow("enrol sign");
    expect(Authority.open(other).pin).toBe(away.pin);
    expect(() => Authority.open(join(top, "none"))).toThrow("campus-ops init");
  });
});
