/**
 * Two ingest and two rules workers with the servers that a city has, as processes: mosquitto, nats-server, VictoriaMetrics and
 * PostgreSQL. Boxes of four campuses report through the real outbox and hand-off while workers of either kind are killed.
 */
import { Directory } from "@campus-ops/service/workers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cityClient } from "../../../dashboards/workers/city-client.ts";
import { eventually } from "../../testing/awaiting.ts";
import { City, PATIENCE_MS } from "../../testing/scale-out/city.ts";
import { tell } from "../outcome.ts";

const CAMPUSES = ["first", "second", "third", "fourth"] as const;
const LEASE_SECONDS = 6;
const SWIPES = 150;
const SWIPE_MS = 60;

let city: City;

beforeAll(async () => {
  city = await City.start({ campuses: CAMPUSES, leaseSeconds: LEASE_SECONDS, reporting: true });
}, PATIENCE_MS);
afterAll(() => city?.stop());

test("killed ingest and rules workers are replaced by their fellows: no swipe is lost or doubled, from the box to its alarm", {
  timeout: 600_000,
}, async () => {
  const rules = [city.begin("rules", "rules-a"), city.begin("rules", "rules-b")];
  const ingest = [city.begin("ingest", "ingest-a"), city.begin("ingest", "ingest-b")];
  await city.shared(ingest);
  await city.shared(rules);
  const edges = await city.boxes();
  const reporting = (async () => {
    for (let swipe = 0; swipe < SWIPES; swipe += 1) {
      for (const edge of edges) {
        await edge.refuse();
        for (const source of edge.sources) await edge.report(source);
      }
      await new Promise((resolve) => setTimeout(resolve, SWIPE_MS));
    }
  })();
  const taken: Record<string, number> = {};
  for (const [part, workers] of Object.entries({ ingest, rules })) {
    const [victim, heir] = workers;
    await victim?.end("SIGKILL");
    taken[part] = await city.takenOver(heir);
  }
  await reporting;
  await eventually(
    "the hub holds all that the boxes had",
    async () => edges.every((edge) => edge.isEmpty) || undefined,
    PATIENCE_MS,
  );
  const all = CAMPUSES.map((_campus) => ({ _campus, n: SWIPES, different: SWIPES })).toSorted((a, b) =>
    a._campus.localeCompare(b._campus),
  );
  await eventually(
    "every swipe is an event and an alarm",
    async () => {
      const events = await city.rows("SELECT count(*)::int AS n FROM ingest_events.events");
      const raised = await city.rows("SELECT count(*)::int AS n FROM rules_rules.alarms");
      const whole = SWIPES * CAMPUSES.length;
      return (Number(events[0]?.n) >= whole && Number(raised[0]?.n) >= whole) || undefined;
    },
    PATIENCE_MS,
  );
  expect(
    await city.rows(
      "SELECT _campus, count(*)::int AS n, count(DISTINCT id)::int AS different FROM ingest_events.events GROUP BY 1 ORDER BY 1",
    ),
  ).toEqual(all);
  expect(
    await city.rows(
      "SELECT _campus, count(*)::int AS n, count(DISTINCT alarm)::int AS different FROM rules_rules.transitions WHERE event = 'raise' GROUP BY 1 ORDER BY 1",
    ),
  ).toEqual(all);
  // What the console is answered, who asks all of them at once.
  const directory = new Directory({ postgres: city.pool, uptime_ms: () => performance.now() });
  const list = async (
    part: "rules" | "ingest",
    path: string,
  ): Promise<readonly { id: string; campus: string }[]> => {
    const answer = await cityClient(directory, part, CAMPUSES).fetch(path);
    return (await answer.json()) as readonly { id: string; campus: string }[];
  };
  const whole = SWIPES * CAMPUSES.length;
  const alarms = await list("rules", "/alarms?limit=5000");
  expect(new Set(alarms.map(({ id }) => id)).size).toBe(whole);
  // Beside the boxes, each campus's host is a node of its own.
  const nodes = (await list("ingest", "/nodes")).map(({ campus }) => campus);
  expect(nodes.filter((campus) => campus !== "hub").toSorted()).toEqual([...CAMPUSES].toSorted());
  expect(await list("ingest", `/events?from=0&to=${Date.now() + 60_000}&limit=1000`)).toHaveLength(whole);
  await directory.close();
  console.log(
    Object.entries(taken).map(
      ([part, seconds]) => `${part} taken over in ${seconds.toFixed(1)} s, with leases of ${LEASE_SECONDS} s`,
    ),
  );
  tell({
    fault: "ingest worker killed",
    part: "ingest workers",
    lost: 0,
    doubled: 0,
    recovered_s: taken.ingest ?? 0,
  });
});
