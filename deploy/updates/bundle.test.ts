import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KEYRING, systemConfiguration } from "../image/rauc-files.ts";
import { BundleError, readBundle } from "./bundle.ts";
import { parseManifest } from "./core/manifest.ts";
import { TestBundles } from "./testing/test-bundles.ts";
import { BLOCK_BYTES, VerityRoot } from "./verity.ts";

let bundles: TestBundles;
let good: string;
beforeAll(async () => {
  bundles = await TestBundles.open();
  // More blocks than one block of hashes takes: the tree has two levels.
  good = await bundles.make({ bytes: 200 * BLOCK_BYTES });
});
afterAll(() => bundles[Symbol.dispose]());

const refusal = (file: string, keyring = bundles.keyring): Promise<unknown> =>
  readBundle(file, keyring).then(
    () => "taken",
    (error: unknown) => (error instanceof BundleError ? error.code : error),
  );

/** A copy of the good bundle with some bytes changed. */
function changed(name: string, edit: (bytes: Buffer) => Buffer): string {
  const file = join(bundles.folder, name);
  writeFileSync(file, edit(readFileSync(good)));
  return file;
}

const flip = (at: number) => (bytes: Buffer) => {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return bytes;
};

test("a bundle of RAUC's own making is read: what it is for, its version, who signed it", async () => {
  expect(await readBundle(good, bundles.keyring)).toEqual({
    compatible: "campus-ops-edge-amd64",
    version: "0.2.0",
    signer: "release-1",
  });
});

test("one bit of the content is seen by the hash tree, wherever it is", async () => {
  const { size } = statSync(good);
  for (const at of [0, 5_000, 150 * BLOCK_BYTES]) {
    expect(at).toBeLessThan(size);
    expect(await refusal(changed(`content-${at}`, flip(at)))).toBe("content-damaged");
  }
});

test("what was signed by somebody else, changed in its signature, or too late, is told apart", async () => {
  using strangers = await TestBundles.open();
  expect(await refusal(await strangers.make())).toBe("bad-signature");
  const { size } = statSync(good);
  expect(await refusal(changed("signature", flip(size - 200)))).toBe("bad-signature");
  expect(await refusal(await bundles.make({}, -1))).toBe("certificate-expired");
});

test("what a certificate for something else has signed is refused here, as each box would refuse it", async () => {
  expect(await refusal(await bundles.make({ purpose: "serverAuth" }))).toBe("wrong-purpose");
});

test("what is no bundle, or half of one, is not taken for one", async () => {
  expect(await refusal(changed("half", (bytes) => bytes.subarray(0, bytes.length / 2)))).toBe("not-a-bundle");
  expect(await refusal(changed("empty", () => Buffer.alloc(0)))).toBe("not-a-bundle");
  expect(await refusal(changed("noise", () => randomBytes(10_000)))).toBe("not-a-bundle");
  const huge = (bytes: Buffer): Buffer => {
    bytes.writeBigUInt64BE(2n ** 63n, bytes.length - 8);
    return bytes;
  };
  expect(await refusal(changed("huge", huge))).toBe("not-a-bundle");
});

test("a keyring that is not there is said as that, and not as a bad signature", async () => {
  expect(await refusal(good, join(bundles.folder, "nowhere.pem"))).toBe("keyring-away");
});

test("a bundle for other machines, or of a version that cannot be compared, is not taken", async () => {
  expect(await refusal(await bundles.make({ compatible: "thermostat" }))).toBe("wrong-compatible");
  expect(await refusal(await bundles.make({ version: "latest" }))).toBe("bad-version");
});

test("RAUC agrees with the root that is computed here", () => {
  // As a box is configured: it asks what the signer's certificate is for.
  const configuration = join(bundles.folder, "system.conf");
  writeFileSync(configuration, systemConfiguration("amd64").replace(KEYRING, bundles.keyring));
  const told = execFileSync("rauc", [`--conf=${configuration}`, "info", good], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const salt = /Verity Salt: \t'([0-9a-f]+)'/.exec(told)?.[1] ?? "";
  const size = Number(/Verity Size: \t(\d+)/.exec(told)?.[1]);
  const bytes = readFileSync(good);
  const signature = Number(bytes.readBigUInt64BE(bytes.length - 8));
  const tree = new VerityRoot(salt);
  // In pieces that are no blocks.
  const payload = bytes.subarray(0, bytes.length - 8 - signature - size);
  for (let at = 0; at < payload.length; at += 10_007) tree.add(payload.subarray(at, at + 10_007));
  expect(told).toContain(`Verity Hash: \t'${tree.root()}'`);
});

test("a manifest of another format, or without a line that is needed, is none", () => {
  const text = `[update]\ncompatible=c\nversion=1\n[bundle]\nformat=verity\nverity-hash=${"a".repeat(64)}\nverity-salt=${"b".repeat(64)}\nverity-size=4096\n`;
  expect(parseManifest(text)).toMatchObject({ compatible: "c", version: "1", verity: { size: 4_096 } });
  expect(parseManifest(text.replace("verity\n", "plain\n"))).toBeUndefined();
  for (const line of text.split("\n").filter((each) => each.includes("=")))
    expect(parseManifest(text.replace(`${line}\n`, "")), line).toBeUndefined();
});
