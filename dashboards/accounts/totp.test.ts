import { expect, test } from "vitest";
import { acceptedStep, base32, hotp, otpauthUri, stepAt } from "./totp.ts";

const SECRET = Buffer.from("12345678901234567890");

test.each([
  [59, "94287082"],
  [1_111_111_109, "07081804"],
  [1_111_111_111, "14050471"],
  [1_234_567_890, "89005924"],
  [2_000_000_000, "69279037"],
  [20_000_000_000, "65353130"],
])("RFC 6238, appendix B: at %d s the code is %s", (seconds, code) => {
  expect(hotp(SECRET, stepAt(seconds * 1_000), 8)).toBe(code);
});

test.each(
  ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"].map(
    (code, counter) => [counter, code] as const,
  ),
)("RFC 4226, appendix D: counter %d gives %s", (counter, code) => {
  expect(hotp(SECRET, counter)).toBe(code);
});

test.each([
  ["", ""],
  ["f", "MY"],
  ["fo", "MZXQ"],
  ["foo", "MZXW6"],
  ["foob", "MZXW6YQ"],
  ["fooba", "MZXW6YTB"],
  ["foobar", "MZXW6YTBOI"],
])("RFC 4648, 10: base32 of %j is %s", (text, encoded) => {
  expect(base32(Buffer.from(text))).toBe(encoded);
});

test("a code is taken once, a step early or late, and no later", () => {
  const at = 1_234_567_890_000;
  const step = stepAt(at);
  const code = hotp(SECRET, step);
  expect(acceptedStep(SECRET, `${code.slice(0, 3)} ${code.slice(3)}`, at, 0)).toBe(step);
  expect(acceptedStep(SECRET, code, at, step)).toBeUndefined();
  expect(acceptedStep(SECRET, code, at + 30_000, 0)).toBe(step);
  expect(acceptedStep(SECRET, code, at - 30_000, 0)).toBe(step);
  expect(acceptedStep(SECRET, code, at + 60_000, 0)).toBeUndefined();
  expect(acceptedStep(SECRET, "", at, 0)).toBeUndefined();
});

test("an app is told whose code it is", () => {
  expect(otpauthUri(SECRET, "值班 1")).toBe(
    "otpauth://totp/campus-ops%3A%E5%80%BC%E7%8F%AD%201?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=campus-ops&algorithm=SHA1&digits=6&period=30",
  );
});
