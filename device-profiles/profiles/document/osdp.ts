/** Card readers of OSDP as documents: what they say is the standard's, and little is left to be written. */
import type { Profile } from "../catalogue.ts";
import { type OsdpProfile, readReply } from "../osdp-profile.ts";
import {
  type DocumentKind,
  HEX_PATTERN,
  hexBytes,
  type ProfileDocument,
  type TestcaseDocument,
} from "./document.ts";

interface OsdpDocument extends ProfileDocument {
  readonly keypad?: boolean;
}

interface OsdpTestcaseDocument extends TestcaseDocument {
  readonly replies: readonly string[];
}

export const osdpDocument: DocumentKind = {
  properties: { keypad: { type: "boolean", description: "带键盘 · it has keys" } },
  required: ["keypad"],
  testcase: {
    properties: {
      replies: {
        type: "array",
        minItems: 1,
        maxItems: 100,
        description: "应答，从代码起，十六进制 · replies in hex, from their code on",
        items: { type: "string", pattern: HEX_PATTERN },
      },
    },
    required: ["replies"],
  },
  compile(document, common, base) {
    const { keypad } = document as OsdpDocument;
    const inherited = isOsdp(base) ? base.keypad : undefined;
    return { ...common, protocol: "osdp", keypad: keypad ?? inherited ?? false };
  },
  play(profile, testcase) {
    if (!isOsdp(profile)) return new Map();
    const samples = (testcase as OsdpTestcaseDocument).replies.flatMap((hex) => {
      const [code = 0, ...data] = hexBytes(hex);
      const news = readReply(code, Uint8Array.from(data), 0);
      return news.kind === "samples" ? news.samples : [];
    });
    return new Map(samples.map((each) => [each.metric, each]));
  },
};

const isOsdp = (profile: Profile | undefined): profile is OsdpProfile => profile?.protocol === "osdp";
