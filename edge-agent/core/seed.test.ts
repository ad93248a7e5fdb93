import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSeed, SEED_BYTES_MAX, withoutToken } from "./seed.ts";

const PIN = "a1".repeat(32);
const TOKEN = "7ZK3M9Q0W5X2Y8R4T6V1B0C9D8";
const SEED = { host: "10.0.0.5", port: 8884, pin: PIN, token: TOKEN, campus: "qiyun-no1", node: "box-1" };

const TEXT = `# 校园边缘盒\nhub=10.0.0.5\nca-sha256=${PIN}\ntoken=${TOKEN}\ncampus=qiyun-no1\nnode=box-1\n`;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const utf16le = (text: string): Uint8Array => Buffer.from(text, "utf16le");
/** “校区：启云 中心” and the like, in GB 18030 as Notepad of a Chinese Windows writes it. */
const GBK_COMMENT = [0x23, 0xd0, 0xa3, 0xc7, 0xf8, 0xa3, 0xba, 0xc6, 0xf4, 0xd4, 0xc6, 0x0d, 0x0a];
/** 中心＝ */
const GBK_HUB = [0xd6, 0xd0, 0xd0, 0xc4, 0xa3, 0xbd];

describe("a seed file is understood", () => {
  test.each<[string, Uint8Array]>([
    ["as the hub writes it", utf8(TEXT)],
    ["with a byte order mark", utf8(`\ufeff${TEXT}`)],
    ["in UTF-16 with a mark", utf16le(`\ufeff${TEXT}`)],
    ["in UTF-16 without one", utf16le(TEXT)],
    ["in UTF-16, big end first", Buffer.from(utf16le(`\ufeff${TEXT}`)).swap16()],
    ["with the line ends of Windows", utf8(TEXT.replaceAll("\n", "\r\n"))],
    ["with the line ends of an old Mac", utf8(TEXT.replaceAll("\n", "\r"))],
    ["with full-width equals signs", utf8(TEXT.replaceAll("=", "＝"))],
    ["with full-width colons", utf8(TEXT.replaceAll("=", "："))],
    [
      "with full-width letters and digits",
      utf8(TEXT.replaceAll("10.0.0.5", "１０.０.０.５").replaceAll("token", "ｔｏｋｅｎ")),
    ],
    ["with blanks around everything", utf8(TEXT.replaceAll("=", "\u3000= \t").replaceAll("\n", "  \n"))],
    ["with smart quotes", utf8(TEXT.replaceAll(/=(.+)/g, "=“$1”"))],
    ["with straight quotes", utf8(TEXT.replaceAll(/=(.+)/g, "='$1'"))],
    [
      "with keys in capitals and underscores",
      utf8(TEXT.replaceAll("ca-sha256", "CA_SHA256").replaceAll("hub", "Hub")),
    ],
    [
      "with keys in Chinese",
      utf8(TEXT.replaceAll("hub=", "中心＝").replaceAll("token=", "令牌：").replaceAll("ca-sha256", "指纹")),
    ],
    ["with a fingerprint in pairs", utf8(TEXT.replace(PIN, PIN.toUpperCase().match(/../g)?.join(":") ?? ""))],
    [
      "with a token in groups, small letters, and O for 0",
      utf8(
        TEXT.replace(
          TOKEN,
          TOKEN.toLowerCase()
            .replaceAll("0", "o")
            .replace(/(.{5})/g, "$1-"),
        ),
      ),
    ],
    ["with invisible characters of a chat program", utf8(TEXT.replaceAll("=", "\u200b=\u200e"))],
    [
      "with an address as it is copied from a browser",
      utf8(TEXT.replace("10.0.0.5", "https://10.0.0.5:8884/")),
    ],
    ["in GB 18030", Buffer.from([...GBK_COMMENT, ...GBK_HUB, ...utf8(TEXT.slice(TEXT.indexOf("hub=") + 4))])],
  ])("%s", (_, bytes) => {
    expect(readSeed(bytes)).toEqual({ seed: SEED, problems: [] });
  });

  test("with a port, a name or an address of IPv6", () => {
    const hub = (text: string) => readSeed(utf8(TEXT.replace("10.0.0.5", text))).seed;
    expect(hub("hub.example:9000")).toMatchObject({ host: "hub.example", port: 9000 });
    expect(hub("[fd00::1]:9000")).toMatchObject({ host: "fd00::1", port: 9000 });
  });

  test("without its token, once that was used", () => {
    for (const bytes of [utf8(TEXT), utf16le(`\ufeff${TEXT.replace("token=", "令牌＝")}`)]) {
      const left = withoutToken(bytes);
      expect(readSeed(left)).toEqual({ seed: { ...SEED, token: undefined }, problems: [] });
      expect(new TextDecoder().decode(left)).not.toContain(TOKEN);
      expect(withoutToken(left)).toEqual(left);
    }
  });
});

describe("a seed file that is wrong says where and what, in both languages", () => {
  test.each<[string, string, number, RegExp]>([
    ["nothing in it", "", 0, /hub is missing/],
    ["no fingerprint", TEXT.replace(/ca-sha256.*\n/, ""), 0, /ca-sha256 is missing/],
    ["a fingerprint that is cut short", TEXT.replace(PIN, PIN.slice(2)), 3, /64 hexadecimal/],
    ["a token that is cut short", TEXT.replace(TOKEN, TOKEN.slice(2)), 4, /26 letters/],
    ["a hub that is none", TEXT.replace("10.0.0.5", "the hub"), 2, /no host name/],
    ["a port beyond ports", TEXT.replace("10.0.0.5", "hub:70000"), 2, /no host name/],
    ["a hub twice", `${TEXT}hub=10.0.0.6\n`, 7, /twice/],
    ["a line of prose", `${TEXT}please call me\n`, 7, /equals sign/],
  ])("%s", (_, text, line, en) => {
    const { problems, seed } = readSeed(utf8(text));
    expect(seed).toBeUndefined();
    expect(problems.some((each) => each.line === line && en.test(each.en) && each.zh !== "")).toBe(true);
  });

  test("a key it does not know is told of, with the one it may be, and does not stand in the way", () => {
    const { problems, seed } = readSeed(utf8(`${TEXT}campsu=x\n`));
    expect(seed).toEqual(SEED);
    expect(problems).toEqual([
      expect.objectContaining({ line: 7, en: "there is no key campsu; did you mean campus" }),
    ]);
  });

  test("a file too large is not read", () => {
    expect(readSeed(new Uint8Array(SEED_BYTES_MAX + 1)).problems[0]?.en).toContain("larger");
  });
});

test("whatever bytes it is handed, it answers with a seed or with a problem, and the token can be taken out", () => {
  const mangled = fc.array(
    fc.constantFrom(
      "hub=",
      "中心：",
      "a.b",
      "=",
      "\n",
      "\r",
      "“",
      "\u0000",
      "token=",
      TOKEN,
      PIN,
      "ca=",
      "＃",
    ),
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    mangled.map((parts) => utf8(parts.join(""))),
    mangled.map((parts) => new Uint8Array(utf16le(parts.join("")))),
  );
  fc.assert(
    fc.property(bytes, (each) => {
      const { problems, seed } = readSeed(each);
      expect(seed !== undefined || problems.length > 0).toBe(true);
      expect(readSeed(withoutToken(each)).seed?.token).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});
