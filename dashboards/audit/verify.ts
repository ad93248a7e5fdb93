/** Verifies an exported audit trail with nothing but the file: no hub, no network. */
import { createHash, createPublicKey, verify } from "node:crypto";
import { TRAIL_FORMAT, type TrailEnd, type TrailHeader } from "./export.ts";
import { type AuditLink, hashOfLink } from "./link.ts";

export interface VerifiedTrail {
  /** Empty when everything holds. */
  readonly problems: readonly string[];
  readonly header?: TrailHeader;
  readonly links?: number;
  /** SHA-256 of the hub's public key, to be compared with what the hub itself shows. */
  readonly keyFingerprint?: string;
}

/** True for what begins like an exported trail. */
export function isTrail(file: string): boolean {
  return file.startsWith(`{"format":"${TRAIL_FORMAT}"`);
}

export function verifyTrail(file: string): VerifiedTrail {
  const lines = file.split("\n");
  const last = lines.at(-1) === "" ? lines.length - 2 : lines.length - 1;
  let header: TrailHeader;
  let end: TrailEnd;
  let links: AuditLink[];
  try {
    header = JSON.parse(lines[0] ?? "") as TrailHeader;
    end = JSON.parse(lines[last] ?? "") as TrailEnd;
    links = lines.slice(1, last).map((line) => JSON.parse(line) as AuditLink);
  } catch {
    return { problems: ["it holds no audit trail that can be read"] };
  }
  const problems: string[] = [];
  if (!signed(`${lines.slice(0, last).join("\n")}\n`, end))
    problems.push("its signature does not hold: something was changed, or the end is missing");
  let previous = header.previous;
  let n: number | undefined;
  for (const link of links) {
    if (hashOfLink(previous, link.body) !== link.hash)
      problems.push(`entry ${link.n}: its hash does not hold`);
    if (n !== undefined && link.n !== n + 1) problems.push(`entry ${link.n}: does not follow ${n}`);
    if (numberIn(link.body) !== link.n) problems.push(`entry ${link.n}: says another number`);
    ({ hash: previous, n } = link);
  }
  if (end.links !== links.length || end.hash !== previous)
    problems.push("the end is not the end of these entries");
  const keyFingerprint = createHash("sha256").update(String(end.publicKey)).digest("hex");
  return { problems, header, links: links.length, keyFingerprint };
}

function numberIn(body: string): number | undefined {
  try {
    return (JSON.parse(body) as { n?: number }).n;
  } catch {
    return undefined;
  }
}

function signed(text: string, { publicKey, signature }: TrailEnd): boolean {
  try {
    const digest = createHash("sha256").update(text).digest();
    return verify(null, digest, createPublicKey(publicKey), Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}
