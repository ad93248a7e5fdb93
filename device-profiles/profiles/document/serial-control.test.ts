import { describe, expect, test } from "vitest";
import { findProfile } from "../catalogue.ts";
import { commandFor, type SerialControlProfile } from "../serial-control-profile.ts";
import type { ProfileDocument } from "./document.ts";
import { compileProfile, runTestcase } from "./kinds.ts";

const CONTROLLER = {
  id: "classroom-controller/our-own",
  protocol: "serial-control",
  vendor: "某中控",
  model: "ZK-8",
  title: { zh: "我校中控", en: "our controller" },
  sources: ["the maker's table of commands"],
  poll: "5s",
  line: { baud: 9600, dataBits: 8, parity: "none", stopBits: 1 },
  deviceNumber: 1,
  points: {
    "Controller/System": {
      ask: "AA {id} 01 FF {xor8:0}",
      says: { true: "BB {id} 01 01 {xor8:0}", false: "BB {id} 01 00 {xor8:0}" },
      set: { true: "AA {id} 01 01 {xor8:0}", false: "AA {id} 01 00 {xor8:0}" },
    },
    "Controller/Volume": { ask: "AA {id} 02 FF {xor8:0}", says: "BB {id} 02 {value} {xor8:0}", scale: 2 },
  },
};

function compile(document: object): { profile: SerialControlProfile | undefined; problems: string[] } {
  const problems: string[] = [];
  const profile = compileProfile(document as ProfileDocument, findProfile, "1", (field, { en }) => {
    problems.push(`${field}: ${en}`);
  });
  return { profile: profile as SerialControlProfile | undefined, problems };
}

describe("a controller's table in a document", () => {
  test("becomes a profile that sends its bytes and understands its answers", () => {
    const { problems, profile } = compile(CONTROLLER);
    expect(problems).toEqual([]);
    if (profile === undefined) throw new Error("no profile");
    expect(commandFor(profile, "Controller/System", true, 1)).toEqual(Uint8Array.of(0xaa, 1, 1, 1, 0xab));
    const told = { title: "", bytes: "BB 01 02 14 AC", samples: { "Controller/Volume": 40 } };
    expect(runTestcase(profile, told)).toEqual([]);
    expect(runTestcase(profile, { ...told, samples: { "Controller/Volume": 20 } })).toHaveLength(1);
  });

  test("builds on one that ships, with what is different", () => {
    const { problems, profile } = compile({
      ...CONTROLLER,
      extends: "classroom-controller/generic-hex",
      without: ["Controller/Locked"],
    });
    expect(problems).toEqual([]);
    expect(Object.keys(profile?.points ?? {})).toContain("Controller/Mains");
    expect(Object.keys(profile?.points ?? {})).not.toContain("Controller/Locked");
    expect(profile?.interlocks).toHaveLength(1);
  });

  test.each([
    [
      { points: { "Controller/Sistem": { says: { true: "01", false: "02" } } } },
      /points.Controller\/Sistem: .*dictionary/,
    ],
    [{ points: { "Controller/System": { says: { true: "0G" } } } }, /points.Controller\/System.says.true: /],
    [
      { points: { "Controller/Screen": { says: { sideways: "01" } } } },
      /it cannot be sideways; it can be up, down/,
    ],
    [{ points: { "Controller/Computer": { says: { true: "01" }, set: { true: "02" } } } }, /not writable/],
    [{ points: { "Controller/Volume": { says: "01 02" } } }, /says no value/],
    [
      {
        interlocks: [
          {
            metric: "Controller/Mains",
            value: false,
            first: { metric: "Projector/Power", value: "off" },
            until: "off",
          },
        ],
      },
      /interlocks.0: this device has no/,
    ],
  ])("%j is answered with the field and what is wrong", (change, expected) => {
    const { problems, profile } = compile({ ...CONTROLLER, ...change });
    expect(profile).toBeUndefined();
    expect(problems.join("\n")).toMatch(expected);
  });
});
