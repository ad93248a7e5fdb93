/** DataSets and template parameters as the edge node sends them, on both MQTT servers. */
import { beforeAll, describe, expect, test } from "vitest";
import { BROKERS } from "../testing/conformance/brokers.ts";
import { PAYLOAD_CLAUSES } from "../testing/conformance/payload-clauses.ts";
import { type PayloadRecording, recordPayloads } from "../testing/conformance/payload-scenario.ts";
import { Recording } from "../testing/conformance/recording.ts";

/** Its waits have bounds of their own. */
const RECORDING_MS_MAX = 300_000;

describe.each(BROKERS)("payloads of the edge node on %s", (_name, startBroker) => {
  let recording: PayloadRecording;
  beforeAll(async () => {
    const broker = await startBroker();
    recording = await recordPayloads(broker);
    await broker.stop();
  }, RECORDING_MS_MAX);

  test.each(PAYLOAD_CLAUSES.map((clause) => [`tck-id-${clause.id}: ${clause.says}`, clause] as const))(
    "%s",
    (_title, { check }) => check(recording),
  );
});

test.each(PAYLOAD_CLAUSES.map((clause) => [clause.id, clause] as const))(
  "the check of %s finds fault with a recording in which nothing happened",
  (_id, { check }) => {
    expect(() => check({ wire: new Recording() })).toThrow();
  },
);
