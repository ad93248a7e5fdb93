/** A shelf that other workers come to have, on a real PostgreSQL: what was taken of a picture outlives who took it. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JournalWriter } from "@campus-ops/broker/journal";
import { PART_BYTES_MAX, type PicturePart, partsOf } from "@campus-ops/broker/sparkplug";
import {
  Contents,
  Leases,
  Ledger,
  OvertakenError,
  openPostgres,
  type Postgres,
  prepareLeases,
} from "@campus-ops/service/workers";
import { PASSWORD, PostgresServer } from "@campus-ops/service/workers/testing/postgres-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AfterPictures } from "./after-pictures.ts";
import { INCOMING_BYTES_MAX, PictureShelf } from "./shelf.ts";

const NODE = "school/box-1";
const AT = Date.UTC(2026, 10, 22);
const LIMITS = { incomingBytes_max: INCOMING_BYTES_MAX, shelfBytes_max: 2 * 1_048_576 };

let server: PostgresServer;
let postgres: Postgres;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "shared-shelf-"));
  server = await PostgresServer.start();
  postgres = openPostgres({ url: server.url, password: PASSWORD, lease_ms: 3_600_000 }, () => undefined);
  await prepareLeases(postgres);
});
afterAll(async () => {
  await postgres.end();
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** A worker that has just got the campus; its lease's time is always over, so that the next one gets it at once. */
async function hold(worker: string) {
  const lease = await new Leases(postgres, "ingest", worker, 0).take("school");
  if (lease === undefined) throw new Error("its time was over");
  const away: unknown[] = [];
  const onAway = (error: unknown): void => void away.push(error);
  const events = { onAway, onBack: () => undefined, onOvertaken: () => undefined };
  const ledger = await Ledger.open(postgres, lease, join(folder, worker), events, 3_600_000);
  const contents = new Contents(postgres, lease, { onAway });
  const shelf = new PictureShelf(folder, LIMITS, { file: ledger.file("pictures.sqlite"), contents });
  return { away, contents, ledger, shelf };
}

const hash = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");
const jpeg = (fill: number, length: number): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(length - 2, fill)]);
const parts = (request: string, data: Buffer): readonly PicturePart[] =>
  partsOf({ request, sha256: hash(data), contentType: "image/jpeg", takenAt: AT, data });
const ask = (shelf: PictureShelf, id: string): void =>
  shelf.ask({ id, device: `${NODE}/camera`, kind: "snapshot", at: AT }, AT);

test("a picture of which one worker had the first parts is whole with the last, and seen, at the next and at the one after", async () => {
  const data = jpeg(1, 2 * PART_BYTES_MAX + 1);
  const [one, two, three] = parts("a", data);
  if (one === undefined || two === undefined || three === undefined) throw new Error("three parts");
  const first = await hold("first");
  ask(first.shelf, "a");
  expect([first.shelf.takePart(one, NODE, AT), first.shelf.takePart(two, NODE, AT)]).toEqual([
    "kept",
    "kept",
  ]);
  expect(first.shelf.isComing("a")).toBe(true);
  await first.ledger.settled();

  const second = await hold("second");
  // Whether more of it comes nobody knows: it may be asked for again.
  expect(second.shelf.isComing("a")).toBe(false);
  expect(second.shelf.takePart(three, NODE, AT)).toBe("kept");
  await expect.poll(() => second.shelf.request("a")?.state).toBe("taken");
  await second.ledger.settled();
  expect(await second.shelf.content("a")).toEqual(data);

  const third = await hold("third");
  expect(third.shelf.request("a")).toMatchObject({ state: "taken", sha256: hash(data), bytes: data.length });
  expect(third.shelf.settledAfter(0, 10).map(({ id }) => id)).toEqual(["a"]);
  expect(await third.shelf.content("a")).toEqual(data);
  await expect(first.contents.put("late.jpg", data)).rejects.toThrow(OvertakenError);
  expect(await third.contents.get("late.jpg")).toBeUndefined();
  for (const { contents, ledger, shelf } of [first, second, third]) {
    contents.close();
    shelf.close();
    await ledger.close();
  }
});

test("pictures in PostgreSQL are bounded, and what is forgotten is there no more", async () => {
  const { contents, ledger, shelf } = await hold("bounded");
  const large = [1, 2, 3].map((fill) => jpeg(fill, 800_000));
  for (const [index, data] of large.entries()) {
    ask(shelf, `large-${index}`);
    for (const part of parts(`large-${index}`, data))
      shelf.takePart({ ...part, takenAt: AT + index }, NODE, AT);
    await expect.poll(() => shelf.request(`large-${index}`)?.state).toBe("taken");
  }
  expect(shelf.forget(0)).toBe(1);
  const kept = async () =>
    Promise.all(large.map(async (data) => (await contents.get(`${hash(data)}.jpg`)) !== undefined));
  await expect.poll(kept).toEqual([false, true, true]);
  // With the one of before.
  const { rows } = await postgres.query(
    "SELECT count(DISTINCT name)::int AS names, max(length(data))::int AS most FROM campus_ops.contents WHERE campus = 'school'",
  );
  expect(rows).toEqual([{ names: 3, most: 262_144 }]);
  shelf.forget(AT + 10_000);
  await expect.poll(kept).toEqual([false, false, false]);
  contents.close();
  shelf.close();
  await ledger.close();
});

test("an entry is in the journal when the parts that came with it are kept, and those before and after it stay in order", async () => {
  const gate = Promise.withResolvers<void>();
  const shelf = { partsTaken: 0 };
  const appended: string[] = [];
  const journal = {
    append: async ([entry]: readonly { kind: string }[]) => {
      appended.push(entry?.kind ?? "");
      return 1;
    },
  };
  const after = new AfterPictures(journal as unknown as JournalWriter, shelf, () => gate.promise);
  const append = (kind: string) =>
    after.append([{ kind } as unknown as Parameters<JournalWriter["append"]>[0][number]]);
  await append("before");
  shelf.partsTaken = 2;
  const pending = [append("with"), append("after")];
  await new Promise((resolve) => setImmediate(resolve));
  expect(appended).toEqual(["before"]);
  gate.resolve();
  await Promise.all(pending);
  expect(appended).toEqual(["before", "with", "after"]);
});

test("a part is acknowledged though PostgreSQL goes away, and is kept when it is back", async () => {
  const { away, contents, ledger, shelf } = await hold("away");
  const [one] = parts("b", jpeg(7, PART_BYTES_MAX + 5));
  if (one === undefined) throw new Error("a part");
  ask(shelf, "b");
  await ledger.settled();
  await server.kill("SIGKILL");
  shelf.takePart(one, NODE, AT);
  await ledger.settledOrAway();
  expect(away).toHaveLength(1);
  await server.begin();
  await ledger.settled();
  const { rows } = await postgres.query("SELECT number FROM ingest_pictures.parts WHERE request = 'b'");
  expect(rows).toHaveLength(1);
  contents.close();
  shelf.close();
  await ledger.close();
});
