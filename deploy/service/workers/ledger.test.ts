import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openDatabase, transaction } from "../database.ts";
import type { Running } from "../lifecycle.ts";
import { createLog } from "../log.ts";
import { freePort } from "../testing/free-port.ts";
import { holdings, type Lease, Leases, OvertakenError, prepareLeases } from "./leases.ts";
import { Ledger } from "./ledger.ts";
import { inTransaction, openPostgres, type Postgres } from "./postgres.ts";
import type { WorkerStatus } from "./probe.ts";
import { PASSWORD, PostgresServer } from "./testing/postgres-server.ts";
import { BEGINNING_CAMPUSES_MAX, startWorker } from "./worker.ts";

const TABLES = `CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS alarms (id TEXT PRIMARY KEY, weight REAL, picture BLOB, times INTEGER) STRICT;
  CREATE TABLE IF NOT EXISTS told (campus TEXT, at INTEGER, PRIMARY KEY (at, campus)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT) STRICT`;
const LONG_MS = 3_600_000;

let server: PostgresServer;
let postgres: Postgres;
let folder: string;
let campus = 0;

beforeAll(async () => {
  server = await PostgresServer.start();
  postgres = connect(LONG_MS);
  await prepareLeases(postgres);
});
afterAll(async () => {
  await postgres.end();
  await server.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ledger-"));
  campus += 1;
});
afterEach(() => rmSync(folder, { recursive: true }));

const connect = (lease_ms: number): Postgres =>
  openPostgres({ url: server.url, password: PASSWORD, lease_ms }, () => undefined);

/** Where time is to run out, it has run out at once. */
const worker = (id: string, lease_ms: number = LONG_MS): Leases =>
  new Leases(postgres, "rules", id, lease_ms);

async function take(leases: Leases): Promise<Lease> {
  const lease = await leases.take(`campus-${campus}`);
  if (lease === undefined) throw new Error("somebody else has it");
  return lease;
}

async function open(lease: Lease, into: string) {
  const overtaken: OvertakenError[] = [];
  const away: unknown[] = [];
  const events = {
    onAway: (error: unknown) => away.push(error),
    onBack: () => away.push("back"),
    onOvertaken: (error: OvertakenError) => overtaken.push(error),
  };
  const ledger = await Ledger.open(postgres, lease, join(folder, into), events, LONG_MS);
  return { ledger, overtaken, away };
}

function contents(db: DatabaseSync): unknown {
  const names = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  return Object.fromEntries(
    names.map(({ name }) => [
      name,
      db
        .prepare(`SELECT * FROM ${name} ORDER BY 1, 2`)
        .all()
        .map((row) => ({ ...row })),
    ]),
  );
}

describe("a lease", () => {
  test("is one worker's until it hands it over, and then another's, with a higher number", async () => {
    const first = worker("first");
    const second = worker("second");
    const lease = await take(first);
    expect(await second.take(lease.campus)).toBeUndefined();
    await first.answerAt(lease, "here");
    expect(await holdings(postgres)).toContainEqual({ role: "rules", campus: lease.campus, address: "here" });
    await first.release(lease);
    expect((await take(second)).fence).toBe(lease.fence + 1);
    await expect(first.answerAt(lease, "here")).rejects.toThrow(OvertakenError);
    expect((await first.renew([lease])).kept).toEqual([]);
  });

  test("is another's when its time is over, and still its own when nobody wanted it", async () => {
    const late = worker("late", 0);
    const lease = await take(late);
    expect((await worker("late").renew([lease])).kept).toEqual([lease]);
    expect(await worker("other").take(lease.campus)).toBeUndefined();
    await late.renew([lease]);
    expect((await take(worker("other"))).fence).toBe(lease.fence + 1);
  });

  test("is given to one of many that ask at the same moment", async () => {
    const asked = await Promise.all(
      Array.from({ length: 12 }, (_, index) => worker(`w${index}`).take(`campus-${campus}`)),
    );
    expect(asked.filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  test("tells of workers that live and of nobody else", async () => {
    await worker("dead", 0).renew([]);
    expect((await worker("alive").renew([])).workers).toContain("alive");
    expect((await worker("alive").renew([])).workers).not.toContain("dead");
  });

  test("of a worker that stopped in the middle of a commit comes free all the same", async () => {
    const short = connect(200);
    const lease = await take(worker("paused", 0));
    const commit = inTransaction(short, async (connection) => {
      await connection.query("SELECT 1 FROM campus_ops.leases WHERE campus = $1 FOR SHARE", [lease.campus]);
      const ended = new Promise((resolve) => connection.once("error", resolve));
      expect((await take(worker("next"))).fence).toBe(lease.fence + 1);
      await ended;
      await connection.query("SELECT 1");
    });
    await expect(commit).rejects.toThrow();
    await short.end();
  });
});

describe("a worker", () => {
  /** Runs nothing, and answers nowhere. */
  const begin = async (
    name: string,
    fails: string,
    failures: string[],
  ): Promise<Running & { held: Set<string> }> => {
    const held = new Set<string>();
    const running = await startWorker({
      role: "ingest",
      place: { url: server.url, password: PASSWORD, lease_ms: LONG_MS },
      data: join(folder, name),
      campuses: ["sound", "broken"],
      log: createLog("worker", "silent"),
      onFailure: (error) => failures.push(String(error)),
      start: async (each, { ledger }) => {
        if (each === fails) throw new Error("its journal is damaged");
        openDatabase(ledger.file("own.sqlite"), [TABLES]).close();
        held.add(each);
        return {
          address: `/run/${name}-${each}`,
          stop: async () => {
            held.delete(each);
          },
        };
      },
    });
    return { ...running, stop: () => running.stop(), held };
  };
  const answering = async (): Promise<readonly string[]> =>
    (await holdings(postgres)).flatMap(({ role, address }) =>
      role === "ingest" && address !== undefined ? [address] : [],
    );

  test("leaves a campus whose work fails to the others, and at its end hands over the rest at once", async () => {
    const failures: string[] = [];
    const first = await begin("first", "broken", failures);
    await expect.poll(answering).toEqual(["/run/first-sound"]);
    const second = await begin("second", "", failures);
    await expect.poll(() => [...second.held]).toEqual(["broken"]);
    expect([...first.held]).toEqual(["sound"]);
    await first.stop();
    expect((await holdings(postgres)).filter(({ role }) => role === "ingest")).toHaveLength(1);
    await second.stop();
    expect((await holdings(postgres)).filter(({ role }) => role === "ingest")).toEqual([]);
    expect(failures).toEqual([]);
  });

  test("begins the work of a few campuses at the same time, of all of them by and by, and says so where it is asked", async () => {
    const campuses = Array.from({ length: BEGINNING_CAMPUSES_MAX + 3 }, (_, index) => `several-${index}`);
    const begun: string[] = [];
    const gate = Promise.withResolvers<void>();
    let beginning = 0;
    let most = 0;
    const port = await freePort();
    const running = await startWorker({
      role: "ingest",
      place: { url: server.url, password: PASSWORD, lease_ms: 2_000 },
      data: join(folder, "several"),
      campuses,
      probe: { host: "127.0.0.1", port },
      log: createLog("worker", "silent"),
      onFailure: (error) => begun.push(String(error)),
      start: async (each) => {
        beginning += 1;
        most = Math.max(most, beginning);
        begun.push(each);
        await gate.promise;
        beginning -= 1;
        return { address: `/run/${each}`, stop: async () => undefined };
      },
    });
    await expect.poll(() => begun.length).toBe(BEGINNING_CAMPUSES_MAX);
    const ready = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
      return [answer.status, ((await answer.json()) as WorkerStatus).campuses.length];
    };
    expect(await ready()).toEqual([503, 0]);
    gate.resolve();
    await expect.poll(ready, { timeout: 20_000 }).toEqual([200, campuses.length]);
    expect(begun.toSorted()).toEqual(campuses);
    expect(most).toBe(BEGINNING_CAMPUSES_MAX);
    await running.stop();
  });
});

describe("a ledger", () => {
  test("gives the next holder everything that was settled, of every type", async () => {
    const lease = await take(worker("a"));
    const { ledger } = await open(lease, "a");
    const db = openDatabase(ledger.file("own.sqlite"), [TABLES]);
    db.exec(`INSERT INTO head VALUES (1, 7); INSERT INTO alarms VALUES ('门', 0.1, x'00ff', 9007199254740991), ('gone', NULL, NULL, NULL);
      INSERT INTO told VALUES ('school', 3), ('school', 4); INSERT INTO log (text) VALUES ('one'), ('two')`);
    await ledger.settled();
    db.exec(
      "DELETE FROM alarms WHERE id = 'gone'; UPDATE told SET campus = 'other' WHERE at = 4; UPDATE head SET seq = 8",
    );
    const before = contents(db);
    await ledger.close();
    db.close();
    await worker("a").release(lease);

    const next = await open(await take(worker("b")), "b");
    const again = openDatabase(next.ledger.file("own.sqlite"), [TABLES]);
    expect(contents(again)).toEqual(before);
    again.exec("INSERT INTO log (text) VALUES ('three')");
    expect(again.prepare("SELECT max(id) AS id FROM log").get()?.id).toBe(3);
    await next.ledger.close();
    again.close();
  });

  test("keeps tables that can be asked in SQL, with the campus in each row", async () => {
    const { ledger } = await open(await take(worker("a")), "a");
    const db = openDatabase(ledger.file("own.sqlite"), [TABLES]);
    db.exec("INSERT INTO alarms VALUES ('x', 1.5, NULL, 2)");
    await ledger.settled();
    const { rows } = await postgres.query("SELECT * FROM rules_own.alarms WHERE _campus = $1", [
      `campus-${campus}`,
    ]);
    expect(rows).toEqual([{ _campus: `campus-${campus}`, id: "x", weight: 1.5, picture: null, times: "2" }]);
    await ledger.close();
    db.close();
  });

  test("writes nothing of a transaction that is not over, and nothing that was taken back", async () => {
    const lease = await take(worker("a"));
    const { ledger } = await open(lease, "a");
    const db = openDatabase(ledger.file("own.sqlite"), [TABLES]);
    db.exec("INSERT INTO head VALUES (1, 1)");
    await ledger.settled();
    db.exec("BEGIN; UPDATE head SET seq = 2");
    await ledger.settled();
    db.exec("ROLLBACK");
    db.exec("BEGIN; UPDATE head SET seq = 3");
    db.exec("COMMIT");
    db.exec("BEGIN; UPDATE head SET seq = 4");
    await ledger.settled();
    const { rows } = await postgres.query("SELECT seq FROM rules_own.head WHERE _campus = $1", [
      lease.campus,
    ]);
    expect(rows).toEqual([{ seq: "3" }]);
    db.exec("ROLLBACK");
    await ledger.close();
    db.close();
  });

  test("carries over tables that a newer program has changed, with what that made of the rows", async () => {
    const lease = await take(worker("a"));
    const { ledger } = await open(lease, "a");
    const db = openDatabase(ledger.file("own.sqlite"), [TABLES]);
    db.exec("INSERT INTO log (text) VALUES ('one')");
    db.close();
    await ledger.close();
    await worker("a").release(lease);
    const VERSIONS = [
      TABLES,
      "ALTER TABLE log ADD COLUMN at INTEGER NOT NULL DEFAULT 5",
      "UPDATE log SET text = 'uno'",
    ];
    const newer = await open(await take(worker("b")), "b");
    const updated = openDatabase(newer.ledger.file("own.sqlite"), VERSIONS);
    await newer.ledger.settled();
    const { rows } = await postgres.query("SELECT text, at FROM rules_own.log WHERE _campus = $1", [
      lease.campus,
    ]);
    expect(rows).toEqual([{ text: "uno", at: "5" }]);
    await newer.ledger.close();
    updated.close();
  });

  test("of a worker that was overtaken writes nothing, says so, and answers nobody", async () => {
    const slow = worker("slow", 0);
    const { ledger, overtaken } = await open(await take(slow), "slow");
    const db = openDatabase(ledger.file("own.sqlite"), [TABLES]);
    db.exec("INSERT INTO head VALUES (1, 1)");
    await ledger.settled();
    const next = await open(await take(worker("next")), "next");
    const ahead = openDatabase(next.ledger.file("own.sqlite"), [TABLES]);
    ahead.exec("UPDATE head SET seq = 5");
    await next.ledger.settled();
    db.exec("UPDATE head SET seq = 2");
    let answered = false;
    void ledger.settled().then(() => {
      answered = true;
    });
    await expect.poll(() => overtaken.length).toBe(1);
    const { rows } = await postgres.query("SELECT seq FROM rules_own.head WHERE _campus = $1", [
      `campus-${campus}`,
    ]);
    expect(rows).toEqual([{ seq: "5" }]);
    expect(answered).toBe(false);
    await ledger.close();
    await next.ledger.close();
    db.close();
    ahead.close();
  });

  test("is the same after any history of commits, take-backs and changes of hands at any moment", async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant("write"), id: fc.nat(5), value: fc.integer() }) },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant("delete"), id: fc.nat(5), value: fc.constant(0) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("back"), id: fc.nat(5), value: fc.integer() }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant("settle"), id: fc.constant(0), value: fc.constant(0) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant("killed"), id: fc.constant(0), value: fc.constant(0) }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        campus += 1;
        let model = new Map<number, number>();
        let settled = new Map(model);
        let turn = 0;
        // Its time is always over: whoever asks next gets it, and the one before is overtaken.
        let current = await open(await take(worker("0", 0)), `${campus}-0`);
        let db = openDatabase(current.ledger.file("own.sqlite"), [TABLES]);
        const ends: (() => Promise<void>)[] = [];
        for (const { kind, id, value } of steps) {
          if (kind === "write") {
            transaction(db, () =>
              db.prepare("INSERT OR REPLACE INTO alarms VALUES (?, 0, NULL, ?)").run(String(id), value),
            );
            model.set(id, value);
          } else if (kind === "delete") {
            db.prepare("DELETE FROM alarms WHERE id = ?").run(String(id));
            model.delete(id);
          } else if (kind === "back") {
            db.exec("BEGIN");
            db.prepare("INSERT OR REPLACE INTO alarms VALUES (?, 1, NULL, ?)").run(String(id), value);
            db.exec("ROLLBACK");
          } else if (kind === "settle") {
            await current.ledger.settled();
            settled = new Map(model);
          } else {
            const dead = { db, ledger: current.ledger };
            turn += 1;
            current = await open(await take(worker(`${turn}`, 0)), `${campus}-${turn}`);
            db = openDatabase(current.ledger.file("own.sqlite"), [TABLES]);
            // It wakes up, and tries.
            dead.db.exec("INSERT OR REPLACE INTO alarms VALUES ('9', 9, NULL, 9)");
            void dead.ledger.settled();
            ends.push(async () => {
              await dead.ledger.close();
              dead.db.close();
            });
            model = new Map(settled);
          }
          const found = db.prepare("SELECT id, times FROM alarms").all();
          expect(new Map(found.map((row) => [Number(row.id), Number(row.times)]))).toEqual(model);
        }
        await current.ledger.close();
        db.close();
        for (const end of ends) await end();
        const last = await open(await take(worker("last", 0)), `${campus}-last`);
        const kept = openDatabase(last.ledger.file("own.sqlite"), [TABLES]);
        const rows = kept.prepare("SELECT id, times FROM alarms").all();
        expect(new Map(rows.map((row) => [Number(row.id), Number(row.times)]))).toEqual(model);
        await last.ledger.close();
        kept.close();
      }),
      { numRuns: 8 },
    );
  });

  test("waits while the server is away, and loses nothing of what came meanwhile", async () => {
    const lease = await take(worker("a"));
    const { ledger, away } = await open(lease, "a");
    const db = openDatabase(ledger.file("own.sqlite"), [TABLES]);
    db.exec("INSERT INTO head VALUES (1, 1)");
    await ledger.settled();
    await server.kill("SIGKILL");
    db.exec("UPDATE head SET seq = 2");
    const settled = ledger.settled();
    await expect.poll(() => away.length).toBe(1);
    db.exec("INSERT INTO log (text) VALUES ('meanwhile')");
    await server.begin();
    await settled;
    await ledger.room();
    await ledger.settled();
    expect(away.at(-1)).toBe("back");
    const { rows } = await postgres.query(
      "SELECT seq, text FROM rules_own.head JOIN rules_own.log USING (_campus) WHERE _campus = $1",
      [lease.campus],
    );
    expect(rows).toEqual([{ seq: "2", text: "meanwhile" }]);
    await ledger.close();
    db.close();
  });
});
