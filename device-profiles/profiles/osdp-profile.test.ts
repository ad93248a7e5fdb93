import { describe, expect, test } from "vitest";
import { OsdpFrameError } from "../codecs/osdp-frame.ts";
import { PROFILES } from "./catalogue.ts";
import { CODE_MS_MAX, type OsdpProfile, readReply, TypedCode } from "./osdp-profile.ts";
import type { OsdpTestcase } from "./testcase.ts";
import { testcasesOf } from "./testing/testcases.ts";

const profiles = PROFILES.filter((profile): profile is OsdpProfile => profile.protocol === "osdp");
const NOW = Date.UTC(2026, 8, 1);

describe.each(profiles)("$id", async (profile) => {
  const testcases = await testcasesOf<OsdpTestcase>(profile.id);

  test("has testcases", () => expect(testcases.length).toBeGreaterThan(0));

  test.each(testcases)("$title", ({ replies }) => {
    for (const [bytes, expected] of replies) {
      const [code = 0, ...data] = bytes.split(" ").map((byte) => Number.parseInt(byte, 16));
      const news = readReply(code, Uint8Array.from(data), NOW);
      if (news.kind === "samples") {
        expect(Object.fromEntries(news.samples.map(({ metric, value }) => [metric, value]))).toEqual(
          expected,
        );
      } else if (news.kind === "misread") expect(expected).toEqual({ misread: true });
      else expect(news).toEqual({ kind: "card" in expected ? "card" : "keys", ...expected });
    }
  });
});

test("a reply that is shorter than its code demands is no reply", () => {
  for (const code of [0x45, 0x48, 0x50]) {
    expect(() => readReply(code, new Uint8Array(1), NOW)).toThrow(OsdpFrameError);
  }
});

describe("a code that is typed", () => {
  test("is complete at the hash, however the keys came", () => {
    const typed = new TypedCode();
    expect([typed.type("12", NOW), typed.type("3", NOW), typed.type("4#", NOW)]).toEqual([
      undefined,
      undefined,
      "1234",
    ]);
    expect(typed.type("#", NOW)).toBeUndefined();
  });

  test("begins anew at the star, and when nobody went on typing", () => {
    const typed = new TypedCode();
    typed.type("99*12", NOW);
    expect(typed.type("#", NOW + 1)).toBe("12");
    typed.type("99", NOW);
    expect(typed.type("1#", NOW + CODE_MS_MAX + 1)).toBe("1");
  });
});
