import { argon2Sync } from "node:crypto";
import { expect, test } from "vitest";
import { HASH_COST, hashPassword, isPassword } from "./password-hash.ts";

const CHEAP = { memory: 64, passes: 1 };

test("the function beneath is Argon2id: the vector of RFC 9106, 5.3", () => {
  const tag = argon2Sync("argon2id", {
    message: Buffer.alloc(32, 1),
    nonce: Buffer.alloc(16, 2),
    secret: Buffer.alloc(8, 3),
    associatedData: Buffer.alloc(12, 4),
    parallelism: 4,
    tagLength: 32,
    memory: 32,
    passes: 3,
  });
  expect(tag.toString("hex")).toBe("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
});

test("a hash knows its password and no other, and is never the same twice", async () => {
  const [one, two] = await Promise.all([
    hashPassword("orange tram", CHEAP),
    hashPassword("orange tram", CHEAP),
  ]);
  expect(one).not.toBe(two);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
  expect(await isPassword("orange tram", one)).toBe(true);
  expect(await isPassword("orange trams", one)).toBe(false);
  expect(await isPassword("orange tram", one.replace("m=64", "m=128"))).toBe(false);
});

test("full-width letters of a Chinese keyboard are the same password", async () => {
  expect(await isPassword("ｏｒａｎｇｅ tram", await hashPassword("orange tram", CHEAP))).toBe(true);
});

test("what is no hash is nobody's password", async () => {
  expect(await isPassword("", "")).toBe(false);
  expect(await isPassword("x", "$argon2id$v=19$m=64,t=1,p=1$$")).toBe(false);
});

test("the cost of real accounts is not below what OWASP asks", () => {
  expect(HASH_COST.memory * HASH_COST.passes).toBeGreaterThanOrEqual(19_456 * 2);
});
