import { expect, test } from "vitest";
import { textOf } from "./text-of.ts";

const of = (...bytes: readonly number[]) => textOf(new Blob([Uint8Array.from(bytes)]));

test("a file is read in the encoding that it is in, and none is refused", async () => {
  expect(await textOf(new Blob(["\uFEFF校区,教室"]))).toBe("校区,教室");
  // GBK: 校区
  expect(await of(0xd0, 0xa3, 0xc7, 0xf8)).toBe("校区");
  expect(await of(0xff, 0xfe, 0x21, 0x68, 0x3a, 0x53)).toBe("校区");
  expect(await of(0x61, 0xff)).toBe("a\uFFFD");
});
