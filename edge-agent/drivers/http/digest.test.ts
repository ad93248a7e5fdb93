import { expect, test } from "vitest";
import { digestAuthorization } from "./digest.ts";

/** RFC 7616, clause 3.9.1. */
const LOGIN = { username: "Mufasa", password: "Circle of Life" };
const REQUEST = { method: "GET", uri: "/dir/index.html" };
const CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
const COMMON =
  'realm="http-auth@example.org", qop="auth, auth-int", ' +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
const SHA_256 = `Digest ${COMMON}, algorithm=SHA-256`;
const MD5 = `Digest ${COMMON}, algorithm=MD5`;

test("the answers are those of RFC 7616", () => {
  expect(digestAuthorization([SHA_256], LOGIN, REQUEST, CNONCE)).toContain(
    'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"',
  );
  expect(digestAuthorization([MD5], LOGIN, REQUEST, CNONCE)).toContain(
    'response="8ca523f5e9506fed4657c9700eebdbec"',
  );
});

test("of two challenges the stronger is answered, in two headers or in one", () => {
  for (const challenges of [[MD5, SHA_256], [`${MD5}, ${SHA_256}`]]) {
    expect(digestAuthorization(challenges, LOGIN, REQUEST, CNONCE)).toContain("algorithm=SHA-256");
  }
});

test("an old server without qop gets the answer of RFC 2617, clause 3.2.2.1", () => {
  const old = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"';
  const header = digestAuthorization([old], LOGIN, REQUEST, CNONCE);
  expect(header).not.toContain("qop");
  expect(header).toMatch(/response="[0-9a-f]{32}"/);
});

test("Basic, an unknown algorithm, integrity only, and nonsense are not answered", () => {
  const challenges = [
    'Basic realm="x"',
    `Digest ${COMMON}, algorithm=WHIRLPOOL`,
    "Digest",
    "",
    'Digest realm="x"',
  ];
  expect(digestAuthorization(challenges, LOGIN, REQUEST, CNONCE)).toBeUndefined();
  expect(
    digestAuthorization(['Digest realm="x", nonce="y", qop="auth-int"'], LOGIN, REQUEST, CNONCE),
  ).toBeUndefined();
});

test("quotes in names stay inside their quotes", () => {
  const header = digestAuthorization([MD5], { username: 'a"b\\', password: "" }, REQUEST, CNONCE);
  expect(header).toContain('username="a\\"b\\\\"');
});
