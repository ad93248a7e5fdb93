/**
 * Reads and judges a RAUC bundle of format `verity`: a squashfs, the hash tree over it, the signed manifest (CMS, DER), and its
 * length in the last eight bytes, big-endian. The signature is judged by openssl, which RAUC does as well; the content by
 * the tree's root in the manifest. The box judges both again: what is refused here is refused before anybody fetches it.
 */
import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { access, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import { type BundleManifest, parseManifest } from "./core/manifest.ts";
import { isVersion } from "./core/version.ts";
import { VerityRoot } from "./verity.ts";

const SIZE_BYTES = 8;
/** Of the signed manifest with its certificates. */
export const SIGNATURE_BYTES_MAX = 256 * 1024;
const OPENSSL_MS_MAX = 20_000;
/** Extended key usage codeSigning (RFC 5280, 4.2.1.12): a box takes nothing that was signed by a certificate for something else. */
const CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
/** Hardware that boxes are made of, by Debian's names. */
const COMPATIBLE = /^campus-ops-edge-(amd64|arm64)$/;

export interface BundleFacts {
  readonly compatible: string;
  readonly version: string;
  /** Common name of who signed it. */
  readonly signer: string;
}

export const REFUSALS = {
  "not-a-bundle": {
    zh: "这不是更新包（.raucb），或者文件不完整",
    en: "this is no update bundle (.raucb), or a part of one",
  },
  "bad-signature": {
    zh: "签名无效：更新包被改动过，或由平台不信任的人签名",
    en: "the signature is not good: the bundle was changed, or signed by somebody whom this hub does not trust",
  },
  "wrong-purpose": {
    zh: "签名证书不是发布更新用的（缺少用途 codeSigning），边缘盒会拒绝：请用发布密钥重新签名",
    en: "the certificate that signed it is not for signing releases (it lacks the purpose codeSigning), and boxes would refuse it; sign it with a release key",
  },
  "certificate-expired": {
    zh: "签名证书已过期，请获取重新签名的更新包",
    en: "the certificate that signed it has ended; get the bundle signed anew",
  },
  "content-damaged": {
    zh: "内容与签名不符：文件在签名后被改动或损坏",
    en: "its content is not what was signed: the file was changed or damaged afterwards",
  },
  "wrong-compatible": {
    zh: "不是用于校园边缘盒的更新包",
    en: "the bundle is for other machines than edge boxes of campus-ops",
  },
  "bad-version": { zh: "版本号无法识别", en: "its version is none that could be compared" },
  "keyring-away": {
    zh: "平台配置的信任根文件（enrolment.updates.keyring）读不到",
    en: "the file of roots that the hub's configuration names (enrolment.updates.keyring) cannot be read",
  },
  "openssl-away": {
    zh: "平台上没有 openssl，无法核对签名：请安装 openssl",
    en: "the hub has no openssl and cannot judge signatures: install the package openssl",
  },
} as const satisfies Record<string, LocalText>;

/** A bundle that is not taken. */
export class BundleError extends Error {
  override readonly name = "BundleError";
  readonly code: keyof typeof REFUSALS;
  constructor(code: keyof typeof REFUSALS) {
    super(REFUSALS[code].en);
    this.code = code;
  }
}

/** `keyring`: PEM file of the roots that are trusted. Throws {@link BundleError}. */
export async function readBundle(file: string, keyring: string): Promise<BundleFacts> {
  await access(keyring, constants.R_OK).catch(() => {
    throw new BundleError("keyring-away");
  });
  const { payloadBytes, signature } = await signatureOf(file);
  const { content, signer } = await judged(signature, keyring);
  const manifest = parseManifest(content);
  if (manifest === undefined) throw new BundleError("not-a-bundle");
  await demandContent(file, payloadBytes, manifest);
  if (!COMPATIBLE.test(manifest.compatible)) throw new BundleError("wrong-compatible");
  if (!isVersion(manifest.version)) throw new BundleError("bad-version");
  return { compatible: manifest.compatible, version: manifest.version, signer };
}

async function signatureOf(
  file: string,
): Promise<{ readonly payloadBytes: number; readonly signature: Buffer }> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(SIZE_BYTES);
    if (size <= SIZE_BYTES) throw new BundleError("not-a-bundle");
    await handle.read(last, 0, SIZE_BYTES, size - SIZE_BYTES);
    const bytes = last.readBigUInt64BE();
    const payloadBytes = size - SIZE_BYTES - Number(bytes);
    if (bytes === 0n || bytes > BigInt(SIGNATURE_BYTES_MAX) || payloadBytes <= 0)
      throw new BundleError("not-a-bundle");
    const signature = Buffer.alloc(Number(bytes));
    await handle.read(signature, 0, signature.length, payloadBytes);
    return { payloadBytes, signature };
  } finally {
    await handle.close();
  }
}

async function judged(
  signature: Buffer,
  keyring: string,
): Promise<{ readonly content: string; readonly signer: string }> {
  const folder = await mkdtemp(join(tmpdir(), "bundle-"));
  const [from, out, who] = ["signature", "manifest", "signer"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  try {
    await writeFile(from, signature, { mode: 0o600 });
    const only = ["-CAfile", keyring, "-no-CApath", "-no-CAstore", "-purpose", "any"];
    await promisify(execFile)(
      "openssl",
      ["cms", "-verify", "-binary", "-inform", "DER", "-in", from, "-out", out, "-signer", who, ...only],
      { timeout: OPENSSL_MS_MAX },
    );
    const { keyUsage: purposes, subject } = new X509Certificate(await readFile(who, "utf8"));
    // Absent where it is for everything.
    if (purposes?.includes(CODE_SIGNING) !== true) throw new BundleError("wrong-purpose");
    return { content: await readFile(out, "utf8"), signer: /(?:^|\n)CN=(.*)/.exec(subject)?.[1] ?? subject };
  } catch (error) {
    if (error instanceof BundleError) throw error;
    const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") throw new BundleError("openssl-away");
    throw new BundleError(/has expired/.test(stderr) ? "certificate-expired" : "bad-signature");
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function demandContent(file: string, payloadBytes: number, { verity }: BundleManifest): Promise<void> {
  const end = payloadBytes - verity.size;
  if (end <= 0) throw new BundleError("content-damaged");
  const tree = new VerityRoot(verity.salt);
  for await (const chunk of createReadStream(file, { end: end - 1 }) as AsyncIterable<Buffer>)
    tree.add(chunk);
  if (tree.root() !== verity.hash) throw new BundleError("content-damaged");
}
