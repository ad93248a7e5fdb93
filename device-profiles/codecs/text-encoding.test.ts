import { expect, test } from "vitest";
import { decodeText, isDamaged } from "./text-encoding.ts";

/** 张三 in GB18030. */
const ZHANG_SAN = [0xd5, 0xc5, 0xc8, 0xfd];

test("UTF-8 is UTF-8, and GB18030 that is called UTF-8 is read all the same", () => {
  expect(decodeText(new TextEncoder().encode("<name>张三</name>"))).toEqual({
    text: "<name>张三</name>",
    encoding: "utf-8",
  });
  expect(decodeText(Uint8Array.from(ZHANG_SAN))).toEqual({ text: "张三", encoding: "gb18030" });
});

test("a name cut inside a character damages itself and nothing around it", () => {
  const ascii = (text: string): number[] => [...new TextEncoder().encode(text)];
  const cut = Uint8Array.from([
    ...ascii("<n>"),
    ...ZHANG_SAN.slice(0, 3),
    ...ascii("</n><serialNo>7</serialNo>"),
  ]);
  const { text, encoding } = decodeText(cut);
  expect(encoding).toBe("unknown");
  expect(text).toContain("<serialNo>7</serialNo>");
  expect([isDamaged(text), isDamaged("张三")]).toEqual([true, false]);
});
