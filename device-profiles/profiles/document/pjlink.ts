/** PJLink profiles as documents. */
import { parseCommand, parseResponse } from "../../codecs/pjlink.ts";
import type { Profile } from "../catalogue.ts";
import type { PjlinkProfile } from "../pjlink-profile.ts";
import { readProjector } from "../pjlink-reading.ts";
import type { DocumentKind, ProfileDocument, TestcaseDocument } from "./document.ts";

interface PjlinkDocument extends ProfileDocument {
  readonly pjlinkClass?: 1 | 2;
  readonly inputs?: Readonly<Record<string, string>>;
}

interface PjlinkTestcaseDocument extends TestcaseDocument {
  readonly lines: readonly (readonly [command: string, answer: string])[];
}

export const pjlinkDocument: DocumentKind = {
  properties: {
    pjlinkClass: { type: "integer", enum: [1, 2], description: "PJLink 类别 · class" },
    inputs: {
      type: "object",
      maxProperties: 64,
      propertyNames: { pattern: "^[1-9A-Z][1-9A-Z]$" },
      additionalProperties: { type: "string", minLength: 1, maxLength: 64 },
      description: "INPT 代码 → 输入源名称 · code of INPT → what the input is called",
    },
  },
  required: ["pjlinkClass", "inputs"],
  testcase: {
    properties: {
      lines: {
        type: "array",
        minItems: 1,
        maxItems: 100,
        description: "命令与应答，不带回车 · command and answer without CR",
        items: { type: "array", items: { type: "string" }, minItems: 2, maxItems: 2 },
      },
    },
    required: ["lines"],
  },
  compile(document, common, base) {
    const { inputs, pjlinkClass } = document as PjlinkDocument;
    const inherited = isPjlink(base) ? base : undefined;
    return {
      ...inherited,
      ...common,
      protocol: "pjlink",
      pjlinkClass: pjlinkClass ?? inherited?.pjlinkClass ?? 1,
      inputs: { ...inherited?.inputs, ...inputs },
    };
  },
  play(profile, testcase) {
    if (!isPjlink(profile)) return new Map();
    const answers = Object.fromEntries(
      (testcase as PjlinkTestcaseDocument).lines.map(([asked, answered]) => {
        const { command } = parseCommand(asked).command;
        const response = parseResponse(answered);
        if (response.command !== command) throw new Error(`${answered} does not answer ${asked}`);
        return [command, response.result];
      }),
    );
    return new Map(readProjector(profile, answers, 0).map((each) => [each.metric, each]));
  },
};

const isPjlink = (profile: Profile | undefined): profile is PjlinkProfile => profile?.protocol === "pjlink";
