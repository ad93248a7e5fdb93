import { describe, expect, test } from "vitest";
import type { SteadyLook } from "../testing/load/load-steady.ts";
import { ALARM_P99_MS, GENERATOR_LATE_MS_MAX, type LoadWindow, whatGives } from "./hub-limits.ts";

const look = (more: Partial<SteadyLook> = {}): SteadyLook => ({
  samples: 0,
  lost: 0,
  waiting: { records: 50, bytes: 5_000 },
  cameras: {},
  connected: 20,
  late_ms: 3,
  busy_ms: 3,
  troubles: [],
  ...more,
});

const calm: LoadWindow = {
  recordsPerS: 1_000,
  before: look(),
  after: look(),
  lagBefore: 2,
  lagAfter: 3,
  alarms: { n: 240, p50_ms: 20, p95_ms: 50, p99_ms: ALARM_P99_MS, max_ms: 900 },
};

describe("a hub holds a load", () => {
  test("when nothing is late, lost or growing", () => {
    expect(whatGives(calm)).toBeUndefined();
  });

  test("with a backlog that is large and does not grow", () => {
    const large = { records: 90_000, bytes: 9e6 };
    expect(
      whatGives({ ...calm, before: look({ waiting: large }), after: look({ waiting: large }) }),
    ).toBeUndefined();
  });
});

describe("what gives is named:", () => {
  test.each([
    {
      says: "the load generator, 201 ms late",
      window: { after: look({ late_ms: GENERATOR_LATE_MS_MAX + 1, lost: 9 }) },
    },
    { says: "loss: full outboxes gave up 7 samples", window: { after: look({ lost: 7 }) } },
    {
      says: "a growing backlog: 1051 records wait at the edges",
      window: { after: look({ waiting: { records: 1_051, bytes: 1 } }) },
    },
    { says: "a projection of the journal is 1003 entries behind", window: { lagAfter: 1_003 } },
    { says: "alarms: none was heard", window: { alarms: { ...calm.alarms, n: 0, p99_ms: 0 } } },
    {
      says: "alarm p99 of 251 ms",
      window: { alarms: { ...calm.alarms, p99_ms: ALARM_P99_MS + 1 } },
    },
  ])("$says", ({ says, window }) => {
    expect(whatGives({ ...calm, ...window })).toBe(says);
  });
});
