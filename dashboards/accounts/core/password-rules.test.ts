import { expect, test } from "vitest";
import { PASSWORD_CHARACTERS_MAX, refusedPassword } from "./password-rules.ts";

test.each([
  "short",
  "elevenchars",
  "password2026",
  "P@ssw0rd!!!!",
  "Admin@123456",
  "123456789012",
  "aaaaaaaaaaaa",
  "abcabcabcabc",
  "qwertyuiop12",
  "1qaz2wsx3edc",
  "Woaini1314520",
  "!!Hikvision!!",
  "guard-1-and-more",
])("%s is refused", (password) => {
  expect(refusedPassword(password, ["guard-1"])).toBeDefined();
});

test.each(["orange tram over river", "操场边的老槐树开花了又谢了", "Tq7#vLp2xW9z", "nine blue pencils"])(
  "%s is good enough, whatever kinds of characters it has",
  (password) => expect(refusedPassword(password, ["guard-1", "first"])).toBeUndefined(),
);

test("a password that would take long to hash is refused for its length", () => {
  const words = Array.from({ length: 40 }, (_, index) => `w${index}`).join(" ");
  expect(words.length).toBeGreaterThan(PASSWORD_CHARACTERS_MAX);
  expect(refusedPassword(words, [])?.en).toContain("at most 128");
});
