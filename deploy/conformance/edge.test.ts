/** The edge agent against the specification's assertions, on both MQTT servers. */
import { beforeAll, describe, expect, test } from "vitest";
import { BROKERS } from "../testing/conformance/brokers.ts";
import { EDGE_CLAUSES } from "../testing/conformance/edge-clauses.ts";
import { type EdgeRecording, NOTHING_RECORDED, recordEdge } from "../testing/conformance/edge-scenario.ts";
import { Recording } from "../testing/conformance/recording.ts";

/** Its waits have bounds of their own. */
const RECORDING_MS_MAX = 300_000;

describe.each(BROKERS)("the edge agent on %s", (_name, startBroker) => {
  let recording: EdgeRecording;
  beforeAll(async () => {
    const broker = await startBroker();
    recording = await recordEdge(broker);
    await broker.stop();
  }, RECORDING_MS_MAX);

  test.each(EDGE_CLAUSES.map((clause) => [`tck-id-${clause.id}: ${clause.says}`, clause] as const))(
    "%s",
    (_title, { check }) => check(recording),
  );
});

test.each(EDGE_CLAUSES.map((clause) => [clause.id, clause] as const))(
  "the check of %s finds fault with a recording in which nothing happened",
  (_id, { check }) => {
    expect(() => check(NOTHING_RECORDED(new Recording()))).toThrow();
  },
);
