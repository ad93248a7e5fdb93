/**
 * The audit trail as a file. JSON Lines: what it is, then each link as it is stored, then the end with the hub's signature
 * over all the lines before it; whoever has it can verify it without the hub (`campus-ops verify <file>`; docs/security.md
 * has the recipe for other tools). CSV is for reading, and proves nothing.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { actionText } from "./core/actions.ts";
import type { AuditBody, AuditLink } from "./link.ts";

export const TRAIL_FORMAT = "campus-ops audit trail 1";

export interface TrailHeader {
  readonly format: typeof TRAIL_FORMAT;
  readonly hub: LocalText;
  readonly exportedAt: Timestamp;
  readonly exportedBy: string;
  readonly from: Timestamp;
  readonly to: Timestamp;
  /** The hash that the first link follows from. */
  readonly previous: string;
}

export interface TrailEnd {
  readonly links: number;
  /** Of the last link, or the header's `previous` where there is none. */
  readonly hash: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
  /** Ed25519 over the SHA-256 (32 bytes) of all bytes before this line, base64. */
  readonly signature: string;
}

/** The hub's key for its audit trail: made at the first need, in a file that only the hub can read. */
export function auditKey(file: string): KeyObject {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync("ed25519");
    writeFileSync(`${file}.new`, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return createPrivateKey(readFileSync(file));
}

export function* jsonLines(
  header: Omit<TrailHeader, "format">,
  links: Iterable<AuditLink>,
  key: KeyObject,
): Generator<string> {
  const digest = createHash("sha256");
  const line = (value: object): string => {
    const text = `${JSON.stringify(value)}\n`;
    digest.update(text);
    return text;
  };
  yield line({ format: TRAIL_FORMAT, ...header } satisfies TrailHeader);
  let count = 0;
  let hash = header.previous;
  for (const { body, hash: own, n } of links) {
    yield line({ n, body, hash: own } satisfies AuditLink);
    count += 1;
    hash = own;
  }
  const publicKey = createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
  const signature = sign(null, digest.digest(), key).toString("base64");
  yield `${JSON.stringify({ links: count, hash, publicKey, signature } satisfies TrailEnd)}\n`;
}

export function* csvLines(links: Iterable<AuditLink>): Generator<string> {
  // Excel takes UTF-8 for UTF-8 only with the mark.
  yield "\uFEFF编号,时间,账号,操作,操作代码,结果,场所,来源地址,详情,散列\r\n";
  for (const { body, hash } of links) {
    const { action, address, at, details, n, path, result, user } = JSON.parse(body) as AuditBody;
    const cells = [
      n,
      new Date(at).toISOString(),
      user,
      actionText(action).zh,
      action,
      result,
      path ?? "",
      address ?? "",
      JSON.stringify(details),
      hash,
    ];
    yield `${cells.map((cell) => quoted(String(cell))).join(",")}\r\n`;
  }
}

/** RFC 4180; what a spreadsheet would take for a formula becomes a text. */
function quoted(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
