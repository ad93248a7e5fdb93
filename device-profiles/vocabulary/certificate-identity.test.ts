import fc from "fast-check";
import { expect, test } from "vitest";
import { commonName, identityOfNames, identityUri, parseIdentityUri } from "./certificate-identity.ts";
import { CampusId, NodeId } from "./ids.ts";

const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,63}$/);
const identity = fc.oneof(
  fc.record({ campus: id, node: id }).map(({ campus, node }) => ({
    role: "edge" as const,
    campus: CampusId(campus),
    node: NodeId(node),
  })),
  id.map((hostId) => ({ role: "host" as const, hostId })),
);

test("an identity comes back from its URI, and from a certificate's names", () => {
  fc.assert(
    fc.property(identity, (each) => {
      expect(parseIdentityUri(identityUri(each))).toEqual(each);
      expect(identityOfNames(`URI:${identityUri(each)}`)).toEqual(each);
    }),
  );
});

test("two identities have the same common name only when they are the same", () => {
  fc.assert(
    fc.property(identity, identity, (one, other) => {
      expect(commonName(one) === commonName(other)).toBe(identityUri(one) === identityUri(other));
    }),
  );
});

test.each([
  undefined,
  "",
  "DNS:hub.example",
  "URI:campus-ops://edge/a",
  "URI:campus-ops://edge/a/b/c",
  "URI:campus-ops://edge/A/b",
  "URI:campus-ops://edge/a/b\n",
  "URI:campus-ops://edge/a/+",
  "URI:https://edge/a/b",
  "URI:campus-ops://edge/a/b, DNS:hub.example",
  "DNS:hub.example, URI:campus-ops://edge/a/b",
])("%s says nobody", (names) => {
  expect(identityOfNames(names)).toBeUndefined();
});
