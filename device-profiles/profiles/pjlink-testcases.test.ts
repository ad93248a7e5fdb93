import { describe, expect, test } from "vitest";
import { parseCommand, parseResponse } from "../codecs/pjlink.ts";
import { PROFILES } from "./catalogue.ts";
import type { PjlinkProfile } from "./pjlink-profile.ts";
import { readProjector } from "./pjlink-reading.ts";
import type { PjlinkTestcase } from "./testcase.ts";
import { expectedSamples, samplesOf, testcasesOf } from "./testing/testcases.ts";

const profiles = PROFILES.filter((profile): profile is PjlinkProfile => profile.protocol === "pjlink");
const NOW = Date.UTC(2026, 8, 1);

describe.each(profiles)("$id", async (profile) => {
  const testcases = await testcasesOf<PjlinkTestcase>(profile.id);

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
    expect(samplesOf({ samples: read })).toEqual(expectedSamples(samples));
  });
});

test("there are PJLink profiles", () => {
  expect(profiles.length).toBeGreaterThanOrEqual(2);
});
