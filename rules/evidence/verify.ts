/** Verifies an alarm's bundle with nothing but the file: no hub, no network. */
import { createHash, createPublicKey, verify } from "node:crypto";
import { sealOf } from "../store/drawer.ts";
import { BUNDLE_FORMAT, type Bundle, DATA_BEGIN, DATA_END, fileOf, type Sealed } from "./bundle.ts";
import { hashOf, type LinkBody, toldBy } from "./chain.ts";
import { picturesIn } from "./picture-section.ts";

export interface Verified {
  /** Empty when everything holds. */
  readonly problems: readonly string[];
  readonly bundle?: Bundle;
  /** SHA-256 of the hub's public key, to be compared with what the hub itself says. */
  readonly keyFingerprint?: string;
}

export function verifyBundle(file: string): Verified {
  const content = contentOf(file);
  if (content === undefined) return { problems: ["it holds no bundle that can be read"] };
  const { bundle, signature } = content;
  const problems: string[] = [];
  if (bundle.format !== BUNDLE_FORMAT) problems.push(`its format is not “${BUNDLE_FORMAT}”`);
  if (!signed(bundle, signature)) problems.push("its signature does not hold: the data was changed");
  // The page is a function of the data: what a person reads is what was signed.
  const { found, changed } = picturesIn(file);
  for (const sha256 of changed) problems.push(`the picture ${sha256} is not the one that was taken`);
  if (changed.length === 0 && [...found.keys()].toSorted().join() !== (bundle.pictures ?? []).join())
    problems.push("a picture was taken out or put in");
  if (changed.length === 0 && fileOf(content, found) !== file)
    problems.push("the page does not say what its data says");
  let before = 0;
  for (const { n, previous, body, hash } of bundle.chain) {
    if (hashOf(previous, body) !== hash) problems.push(`link ${n}: its hash does not hold`);
    const said = JSON.parse(body) as LinkBody;
    if (said.n !== n || said.alarm !== bundle.alarm.id) problems.push(`link ${n}: belongs somewhere else`);
    if (n <= before) problems.push(`link ${n}: out of order`);
    before = n;
  }
  for (const [index, link] of bundle.chain.entries()) {
    const next = bundle.chain[index + 1];
    if (next !== undefined && next.n === link.n + 1 && next.previous !== link.hash)
      problems.push(`link ${next.n}: does not follow from the one before it`);
  }
  const told = toldBy(bundle.chain);
  if (JSON.stringify(told.transitions) !== JSON.stringify(bundle.alarm.transitions))
    problems.push("the history shown is not the history in the chain");
  // Bundles of before there were pictures have none.
  if (JSON.stringify(told.pictures) !== JSON.stringify(bundle.alarm.pictures ?? []))
    problems.push("the pictures shown are not the pictures in the chain");
  for (const { hash, salt, value } of bundle.disclosed ?? []) {
    const isSealed = bundle.chain.some(({ body }) => body.includes(`"sealed:${hash}"`));
    if (!isSealed || sealOf({ salt, value }) !== hash)
      problems.push(`the reading ${value} is not the one that was sealed in the chain`);
  }
  const keyFingerprint = createHash("sha256").update(bundle.publicKey).digest("hex");
  return { problems, bundle, keyFingerprint };
}

function contentOf(file: string): Sealed | undefined {
  const begin = file.indexOf(DATA_BEGIN);
  const end = file.indexOf(DATA_END, begin);
  if (begin < 0 || end < 0) return undefined;
  try {
    const content = JSON.parse(file.slice(begin + DATA_BEGIN.length, end)) as Partial<Sealed>;
    return content.bundle === undefined || content.signature === undefined
      ? undefined
      : { bundle: content.bundle, signature: content.signature };
  } catch {
    return undefined;
  }
}

function signed(bundle: Bundle, signature: string): boolean {
  try {
    const key = createPublicKey(bundle.publicKey);
    return verify(null, Buffer.from(JSON.stringify(bundle)), key, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}
