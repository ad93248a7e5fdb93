/**
 * Who a certificate says its holder is. It stands in the certificate as its only subject alternative name, a URI (RFC
 * 5280, 4.2.1.6), because a URI cannot be mistaken for a host's name; the subject's common name repeats it for brokers
 * that know nothing else.
 *
 * | holder    | URI                                 | common name       |
 * | --------- | ----------------------------------- | ----------------- |
 * | edge node | `campus-ops://edge/<campus>/<node>` | `<campus>.<node>` |
 * | host      | `campus-ops://host/<host id>`       | `<host id>`       |
 */
import { CampusId, NodeId } from "./ids.ts";

export type CertificateIdentity =
  | { readonly role: "edge"; readonly campus: CampusId; readonly node: NodeId }
  | { readonly role: "host"; readonly hostId: string };

/** X.520, upper bound of a common name. */
export const COMMON_NAME_CHARACTERS_MAX = 64;

const URI =
  /^campus-ops:\/\/(?:edge\/([a-z0-9][a-z0-9-]{0,63})\/([a-z0-9][a-z0-9-]{0,63})|host\/([a-z0-9][a-z0-9-]{0,63}))$/;

export function identityUri(identity: CertificateIdentity): string {
  return identity.role === "edge"
    ? `campus-ops://edge/${identity.campus}/${identity.node}`
    : `campus-ops://host/${identity.hostId}`;
}

/** Undefined for everything that {@link identityUri} does not write. */
export function parseIdentityUri(uri: string): CertificateIdentity | undefined {
  const [, campus, node, hostId] = URI.exec(uri) ?? [];
  if (hostId !== undefined) return { role: "host", hostId };
  if (campus === undefined || node === undefined) return undefined;
  return { role: "edge", campus: CampusId(campus), node: NodeId(node) };
}

/** Ids hold no dot, so that no two identities have the same. */
export function commonName(identity: CertificateIdentity): string {
  return identity.role === "edge" ? `${identity.campus}.${identity.node}` : identity.hostId;
}

/** From a certificate's alternative names as Node prints them; undefined unless there is one alone and it is ours. */
export function identityOfNames(subjectAltName: string | undefined): CertificateIdentity | undefined {
  return subjectAltName?.startsWith("URI:") === true ? parseIdentityUri(subjectAltName.slice(4)) : undefined;
}
