/** Whether a bundle may be installed, from what RAUC says of it (`rauc info --output-format=json`). */
import type { Code, Image } from "./contract.ts";

export interface BundleInfo {
  readonly compatible: string;
  readonly version: string;
}

const DETAIL_CHARACTERS_MAX = 300;

/** Undefined where it may. */
export function refusalOf(bundle: BundleInfo, image: Image): Code | undefined {
  if (bundle.compatible !== image.compatible) return "wrong-compatible";
  const order = compareVersions(bundle.version, image.version);
  if (order === 0) return "same-version";
  return order < 0 ? "older-version" : undefined;
}

/** Throws where RAUC answered something else. */
export function bundleInfo(answer: string): BundleInfo {
  const read: unknown = JSON.parse(answer);
  if (typeof read !== "object" || read === null || !("compatible" in read) || !("version" in read))
    throw new Error(`RAUC names neither hardware nor version: ${answer.slice(0, DETAIL_CHARACTERS_MAX)}`);
  return { compatible: String(read.compatible), version: String(read.version) };
}

export type Complaint = Code | "not-yet-valid";

/**
 * What is wrong with a bundle that RAUC will not open. It says so in words alone; those of OpenSSL's `X509_verify_cert_error_string`
 * are stable, and whatever is new here is a signature that was not found good.
 */
export function complaintOf(said: string): Complaint {
  if (/certificate has expired/.test(said)) return "certificate-expired";
  if (/certificate is not yet valid/.test(said)) return "not-yet-valid";
  if (
    /[Ss]ignature size|signature size|Invalid bundle|too small|not a (regular )?file|[Nn]o such file/.test(
      said,
    )
  )
    return "not-a-bundle";
  return "bad-signature";
}

/** What went wrong while RAUC wrote. */
export function failureOf(said: string): Code {
  return /Input\/output error|verity|[Cc]hecksum|[Ii]nvalid argument.*squashfs|failed to mount bundle/i.test(
    said,
  )
    ? "content-damaged"
    : "install-failed";
}

/** The last line, which says most, in a length that fits a page. */
export function lastWords(said: string): string {
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  return (lines.at(-1) ?? "").trim().slice(0, DETAIL_CHARACTERS_MAX);
}

/** How far it is: RAUC writes lines like ` 40% Copying image to rootfs.1`. */
export function percentOf(line: string): number | undefined {
  const percent = /^\s*(\d{1,3})%/.exec(line)?.[1];
  return percent === undefined ? undefined : Number(percent);
}

/** Negative where `a` is older. Versions of this product are numbers with dots, and `-rc.1` behind where one is not released yet. */
export function compareVersions(a: string, b: string): number {
  const [[mainA, preA], [mainB, preB]] = [split(a), split(b)];
  const order = compareParts(mainA, mainB);
  if (order !== 0) return order;
  if (preA.length === 0 || preB.length === 0) return preB.length - preA.length;
  return compareParts(preA, preB);
}

function split(version: string): readonly [main: readonly string[], pre: readonly string[]] {
  const [main = "", ...pre] = version.split("+", 1).join("").split(/[-~]/);
  return [
    main.split("."),
    pre
      .join("-")
      .split(".")
      .filter((part) => part !== ""),
  ];
}

function compareParts(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [one = "0", other = "0"] = [a[index], b[index]];
    if (one === other) continue;
    const areNumbers = /^\d+$/.test(one) && /^\d+$/.test(other);
    const order = areNumbers ? Number(one) - Number(other) : one < other ? -1 : 1;
    if (order !== 0) return order;
  }
  return 0;
}
