import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidDocumentError } from "@campus-ops/service";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digest } from "./access.ts";
import { loadBrokerConfiguration } from "./configuration.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "broker-configuration-"));
  writeFileSync(join(folder, "box.password"), "secret\n", { mode: 0o600 });
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(yaml: string) {
  const file = join(folder, "hub.yaml");
  writeFileSync(file, yaml);
  return loadBrokerConfiguration(file);
}

function problems(yaml: string): readonly string[] {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof InvalidDocumentError) {
      return error.problems.map(({ line, field, message }) => `${line} ${field}: ${message}`);
    }
    throw error;
  }
  return [];
}

const user = (more: string) =>
  `broker:\n  users:\n    - { name: box, passwordFile: box.password, ${more} }\n`;

describe("the broker's configuration", () => {
  test("other sections are not its business, and its own may be absent", () => {
    expect(load("site: {}\ningest: { anything: true }\n")).toEqual({ listen: [], users: new Map() });
  });

  test("a user has its role and its password's digest, without the line's end", () => {
    expect(load(user("role: edge, campus: qiyun-no1, node: edge-a")).users.get("box")).toEqual({
      access: { role: "edge", campus: "qiyun-no1", node: "edge-a" },
      passwordDigest: digest("secret"),
    });
  });

  test("certificates are found beside the file", () => {
    const yaml =
      "broker:\n  listen:\n    - { host: 0.0.0.0, port: 8883, tls: { certFile: a.crt, keyFile: a.key } }\n";
    expect(load(yaml).listen[0]?.tls).toEqual({
      certFile: join(folder, "a.crt"),
      keyFile: join(folder, "a.key"),
    });
  });

  test.each([
    [
      "a role that does not exist",
      user("role: admin"),
      '3 broker.users.0.role: must be one of "edge", "host", "monitor"',
    ],
    [
      "an edge without its node",
      user("role: edge, campus: qiyun-no1"),
      "3 broker.users.0: an edge needs its campus and its node",
    ],
    [
      "a password in the file itself",
      user("role: monitor, password: x"),
      "3 broker.users.0.password: is not a field that belongs here; check its spelling",
    ],
    [
      "a name twice",
      `${user("role: monitor")}    - { name: box, passwordFile: box.password, role: host }\n`,
      "4 broker.users.1.name: box is named twice",
    ],
    [
      "client certificates without their signer",
      "broker:\n  listen:\n    - host: 0.0.0.0\n      port: 1\n      tls: { certFile: a, keyFile: b, requireClientCertificate: true }\n",
      "5 broker.listen.0.tls: requireClientCertificate needs a caFile",
    ],
  ])("%s is named by line and field", (_, yaml, expected) => {
    expect(problems(yaml)).toEqual([expected]);
  });

  test("a password that others can read is refused", () => {
    chmodSync(join(folder, "box.password"), 0o640);
    expect(problems(user("role: monitor"))[0]).toContain("can be read by others; run chmod 600");
  });

  test("a password file that is missing or empty is refused", () => {
    writeFileSync(join(folder, "box.password"), "\n", { mode: 0o600 });
    expect(problems(user("role: monitor"))[0]).toContain("is empty");
    rmSync(join(folder, "box.password"));
    expect(problems(user("role: monitor"))[0]).toContain("cannot be read (ENOENT)");
  });
});
