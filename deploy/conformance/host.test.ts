/** Ingest, as a Sparkplug host, against the specification's assertions, on both MQTT servers. */
import { beforeAll, describe, expect, test } from "vitest";
import { BROKERS } from "../testing/conformance/brokers.ts";
import { HOST_CLAUSES } from "../testing/conformance/host-clauses.ts";
import { type HostRecording, nothingHeard, recordHost } from "../testing/conformance/host-scenario.ts";
import { Recording } from "../testing/conformance/recording.ts";

/** Its waits have bounds of their own. */
const RECORDING_MS_MAX = 300_000;

describe.each(BROKERS)("the host on %s", (_name, startBroker) => {
  let recording: HostRecording;
  beforeAll(async () => {
    const broker = await startBroker();
    recording = await recordHost(broker);
    await broker.stop();
  }, RECORDING_MS_MAX);

  test.each(HOST_CLAUSES.map((clause) => [`tck-id-${clause.id}: ${clause.says}`, clause] as const))(
    "%s",
    (_title, { check }) => check(recording),
  );
});

test.each(HOST_CLAUSES.map((clause) => [clause.id, clause] as const))(
  "the check of %s finds fault with a recording in which nothing happened",
  (_id, { check }) => {
    expect(() => check(nothingHeard(new Recording()))).toThrow();
  },
);
