import { describe, expect, test } from "vitest";
import { parseCommand, parseResponse } from "../codecs/pjlink.ts";
import { GOOD } from "../vocabulary/index.ts";
import { PROFILES } from "./catalogue.ts";
import type { PjlinkProfile } from "./pjlink-profile.ts";
import { readProjector } from "./pjlink-reading.ts";
import type { PjlinkTestcase } from "./testcase.ts";

const profiles = PROFILES.filter((profile): profile is PjlinkProfile => profile.protocol === "pjlink");
const NOW = Date.UTC(2026, 8, 1);

describe.each(profiles)("$id", async (profile) => {
  const { testcases } = (await import(new URL(`./${profile.id}.testcases.ts`, import.meta.url).href)) as {
    testcases: readonly PjlinkTestcase[];
  };

  test("it has testcases", () => {
    expect(testcases.length).toBeGreaterThan(0);
  });

  test.each(testcases)("$title", ({ lines, samples }) => {
    const answers = Object.fromEntries(
      lines.map(([asked, answered]) => {
        const { command } = parseCommand(asked);
        const response = parseResponse(answered);
        expect(response).toMatchObject({ command: command.command, pjlinkClass: command.pjlinkClass });
        return [command.command, response.result];
      }),
    );
    const read = readProjector(profile, answers, NOW);
    expect(
      Object.fromEntries(read.map(({ metric, value, quality }) => [metric, { value, quality }])),
    ).toEqual(
      Object.fromEntries(
        Object.entries(samples).map(([metric, expected]) => [
          metric,
          typeof expected === "object" && expected !== null ? expected : { value: expected, quality: GOOD },
        ]),
      ),
    );
  });
});

test("there are PJLink profiles", () => {
  expect(profiles.length).toBeGreaterThanOrEqual(2);
});
