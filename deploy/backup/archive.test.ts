import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pack, unpack } from "./archive.ts";

const { signal } = new AbortController();
let folder: string;
let identity: string;
let file: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "archive-"));
  mkdirSync(join(folder, "hub/data"), { recursive: true });
  writeFileSync(join(folder, "hub/data/钥匙.key"), "secret\n", { mode: 0o600 });
  writeFileSync(join(folder, "hub/large"), Buffer.alloc(3_000_000, "0123456789"));
  identity = await generateX25519Identity();
  file = join(folder, "backup.tar.zst.age");
  await pack(join(folder, "hub"), file, [await identityToRecipient(identity)], signal);
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("a backup as one file", () => {
  test("comes back as it was, secrets still for their owner alone", async () => {
    await unpack(file, join(folder, "back"), identity, signal);
    expect(readFileSync(join(folder, "back/data/钥匙.key"), "utf8")).toBe("secret\n");
    expect(statSync(join(folder, "back/data/钥匙.key")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, "back/large")).equals(Buffer.alloc(3_000_000, "0123456789"))).toBe(true);
  });

  test("shows nothing of what is in it", () => {
    expect(readFileSync(file).includes("secret")).toBe(false);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("is opened by age, zstd and tar alone", () => {
    const key = join(folder, "identity");
    writeFileSync(key, `${identity}\n`, { mode: 0o600 });
    mkdirSync(join(folder, "by-hand"));
    const line = 'age -d -i "$1" "$2" | zstd -q -d | tar -x -C "$3"';
    const { status, stderr } = spawnSync("bash", [
      ...["-o", "pipefail", "-c", line, "bash"],
      ...[key, file, join(folder, "by-hand")],
    ]);
    expect(status, stderr.toString()).toBe(0);
    expect(readFileSync(join(folder, "by-hand/data/钥匙.key"), "utf8")).toBe("secret\n");
  });

  test("is not opened by another identity, and says so", async () => {
    const other = await generateX25519Identity();
    await expect(unpack(file, join(folder, "back"), other, signal)).rejects.toThrow("with this identity");
    await expect(unpack(file, join(folder, "back"), "word", signal)).rejects.toThrow("AGE-SECRET-KEY-");
  });

  test("that was cut off, or has one bit changed, is refused wherever that is", async () => {
    const whole = readFileSync(file);
    chmodSync(file, 0o600);
    for (const part of [0.1, 0.5, 0.9, 0.999]) {
      const at = Math.floor(whole.length * part);
      writeFileSync(file, whole.subarray(0, at));
      await expect(unpack(file, join(folder, "cut"), identity, signal)).rejects.toThrow(/damaged|opened/);
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 4;
      writeFileSync(file, changed);
      await expect(unpack(file, join(folder, "changed"), identity, signal)).rejects.toThrow(/damaged|opened/);
    }
  });
});
