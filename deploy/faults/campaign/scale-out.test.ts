/**
 * Workers that share out campuses, killed and stopped in the middle, with PostgreSQL, nats-server and mosquitto as processes:
 * every alarm once, nothing that a person did forgotten, and nothing told that does not stay.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { JournalWriter } from "@campus-ops/broker/journal";
import { openJetStreamWriter } from "@campus-ops/broker/journal/jetstream";
import { encodePayload, sampleToMetric } from "@campus-ops/broker/sparkplug";
import { CampusId, DeviceId, GOOD, NodeId, type SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { Directory } from "@campus-ops/service/workers";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../testing/awaiting.ts";
import { City, PATIENCE_MS } from "../../testing/scale-out/city.ts";
import type { WorkerProcess } from "../../testing/scale-out/worker-process.ts";
import { tell } from "../outcome.ts";

const CAMPUSES = ["first", "second", "third", "fourth"] as const;
const LEASE_SECONDS = 6;
const BUTTONS = 150;
const PRESS_MS = 40;
const ROUNDS = Number(process.env.CAMPUS_OPS_TAKE_OVERS ?? 1);

let city: City;
let directory: Directory;

beforeAll(async () => {
  city = await City.start({ campuses: CAMPUSES, leaseSeconds: LEASE_SECONDS });
  directory = new Directory({ postgres: city.pool, uptime_ms: () => performance.now() });
}, PATIENCE_MS);
afterAll(async () => {
  await directory?.close();
  await city?.stop();
});

/** What a campus's ingest would write: buttons that are there, and are pressed one after the other. */
class Presses {
  readonly #writer: JournalWriter;
  readonly #campus: string;
  pressed = 0;

  constructor(writer: JournalWriter, campus: string) {
    this.#writer = writer;
    this.#campus = campus;
  }

  static async begin(campus: string): Promise<Presses> {
    const presses = new Presses(
      await openJetStreamWriter({ url: city.nats.url, stream: `CITY_${campus}` }),
      campus,
    );
    await presses.#say("NBIRTH", undefined, { "Properties/Class": "edge-box" });
    for (let button = 0; button < BUTTONS; button += 1)
      await presses.#say("DBIRTH", button, { "Properties/Class": "panic-button", "Panic/Pressed": false });
    return presses;
  }

  async next(): Promise<void> {
    await this.#say("DDATA", this.pressed, { "Panic/Pressed": true });
    this.pressed += 1;
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }

  async #say(
    kind: "NBIRTH" | "DBIRTH" | "DDATA",
    button: number | undefined,
    values: Readonly<Record<string, SampleValue>>,
  ): Promise<void> {
    const at = Date.now();
    const metrics = Object.entries(values).map(([metric, value]) =>
      sampleToMetric({ metric, value, quality: GOOD, eventTime: at }),
    );
    const box = { campus: CampusId(this.#campus), node: NodeId("box-1") };
    const address = button === undefined ? box : { ...box, device: DeviceId(`button-${button}`) };
    const payload = encodePayload({ timestamp: at, seq: 0, metrics });
    await this.#writer.append([{ kind, address, payload, receivedAt: at }]);
  }
}

/** Acknowledges what it sees of a campus, as a desk does, and remembers what it was answered. */
class Desk {
  readonly acknowledged = new Set<string>();
  readonly #client: ReturnType<Directory["client"]>;
  #stopped = false;
  readonly #running: Promise<void>;

  constructor(campus: string) {
    this.#client = directory.client("rules", campus);
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const answer = await this.#client.fetch("/alarms?limit=500", { signal: AbortSignal.timeout(2_000) });
        for (const { id, state } of (await answer.json()) as { id: string; state: string }[]) {
          if (state !== "unacknowledged" || this.#stopped) continue;
          const done = await this.#client.fetch(`/alarms/${id}/acknowledge`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ by: "desk" }),
            signal: AbortSignal.timeout(2_000),
          });
          await done.text();
          if (done.ok) this.acknowledged.add(id);
        }
      } catch {
        // Nobody answers while hands change; the desk tries again.
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const heldBy = (workers: readonly WorkerProcess[]): readonly string[] =>
  workers.flatMap(({ campuses }) => campuses).toSorted();

describe.each(["killed", "stopped for longer than its lease, and woken up"])(
  "a rules worker that is %s",
  (how) => {
    test("loses no alarm, doubles none, and forgets nothing that a person was told is done", async () => {
      const presses = await Promise.all(CAMPUSES.map((campus) => Presses.begin(campus)));
      const taken: number[] = [];
      const begin = (name: string): WorkerProcess => {
        const worker = city.begin("rules", `${how[0]}-${name}`);
        onTestFinished(() => worker.end("SIGKILL"));
        return worker;
      };
      let workers = ["a", "b"].map((name) => begin(name));
      await city.shared(workers);
      const desks = CAMPUSES.map((campus) => new Desk(campus));
      const pressing = (async () => {
        for (let press = 0; press < BUTTONS; press += 1) {
          await Promise.all(presses.map((each) => each.next()));
          await new Promise((resolve) => setTimeout(resolve, PRESS_MS));
        }
      })();
      for (let round = 0; round < ROUNDS; round += 1) {
        const [victim, heir] = workers;
        if (victim === undefined || heir === undefined) throw new Error("there are two workers");
        await eventually(
          "alarms are raised",
          async () => presses.every(({ pressed }) => pressed > 20) || undefined,
        );
        if (how === "killed") await victim.end("SIGKILL");
        else victim.signal("SIGSTOP");
        taken.push(await city.takenOver(heir));
        if (how !== "killed") {
          victim.signal("SIGCONT");
          expect(await victim.ended()).toBe(1);
        }
        const next = begin(String(round));
        workers = [heir, next];
        await city.shared(workers);
      }
      await pressing;
      await eventually("every press is an alarm that was acknowledged", async () => {
        const counted = await city.rows(
          "SELECT state, count(*)::int AS n FROM rules_rules.alarms GROUP BY state",
        );
        return (
          (counted.length === 1 &&
            counted[0]?.state === "acknowledged" &&
            counted[0].n === BUTTONS * CAMPUSES.length) ||
          undefined
        );
      });
      await Promise.all(desks.map((desk) => desk.stop()));
      expect(heldBy(workers)).toEqual([...CAMPUSES].toSorted());
      const counts = await city.rows(
        `SELECT event, count(*)::int AS n, count(DISTINCT (_campus, alarm))::int AS alarms
       FROM rules_rules.transitions GROUP BY event ORDER BY event`,
      );
      const all = BUTTONS * CAMPUSES.length;
      expect(counts).toEqual([
        { event: "acknowledge", n: all, alarms: all },
        { event: "raise", n: all, alarms: all },
      ]);
      const gaps = await city.rows(
        "SELECT _campus FROM rules_rules.transitions GROUP BY _campus HAVING max(id) <> count(*)",
      );
      expect(gaps).toEqual([]);
      const known = new Set((await city.rows("SELECT id FROM rules_rules.alarms")).map(({ id }) => id));
      for (const { acknowledged } of desks) for (const id of acknowledged) expect(known).toContain(id);
      console.log(
        `taken over in ${taken.map((each) => each.toFixed(1)).join(", ")} s, with leases of ${LEASE_SECONDS} s`,
      );
      tell({
        fault: `rules worker ${how}`,
        part: "rules workers",
        lost: 0,
        doubled: 0,
        recovered_s: Math.max(...taken),
      });
      await Promise.all(workers.map((worker) => worker.end("SIGTERM")));
      await Promise.all(presses.map((each) => each.close()));
      await city.pool.query("TRUNCATE rules_rules.alarms, rules_rules.transitions, campus_ops.databases");
      await clearJournals();
    });
  },
);

async function clearJournals(): Promise<void> {
  await city.nats.kill();
  rmSync(join(city.nats.folder, "jetstream"), { recursive: true, force: true });
  await city.nats.begin();
}
