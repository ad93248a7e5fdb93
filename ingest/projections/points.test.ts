import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JournalReader, openJournalReader, openJournalWriter } from "@campus-ops/broker/journal";
import { OperatorError } from "@campus-ops/service";
import { expect, test } from "vitest";
import { openEmbeddedStore } from "../store/embedded.ts";
import { pointsProjection } from "./points.ts";
import { refuseAnotherJournal } from "./projection.ts";

const T = Date.UTC(2026, 2, 2);

test("another journal of the same length is refused; one that a store of an older version has read is not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "points-"));
  const store = await openEmbeddedStore(join(folder, "store"));
  const journal = async (name: string, from: number): Promise<JournalReader> => {
    const writer = openJournalWriter(join(folder, name));
    await writer.append(
      [0, 1, 2].map((n) => ({ kind: "CLOCK", receivedAt: from + n, payload: new Uint8Array() })),
    );
    writer.close();
    return openJournalReader(join(folder, name));
  };
  const [own, other] = [await journal("own", T), await journal("other", T + 60_000)];
  const projection = pointsProjection(store);
  const [entry] = await own.read(2, 1);
  if (entry === undefined) throw new Error("the journal has no third entry");
  // So late that what was gathered is written.
  const nothing = { samples: [], events: [], presence: [], leftOut: 0 };
  await projection.project([
    { ...entry, ...nothing, seq: 1, receivedAt: T - 60_000 },
    { ...entry, ...nothing },
  ]);
  expect(await store.checkpoint()).toEqual({ seq: 3, receivedAt: T + 2 });

  await refuseAnotherJournal(projection, own);
  const refusal = await refuseAnotherJournal(projection, other).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(OperatorError);
  expect(String(refusal)).toMatch(
    /entry 3 of the journal is of 2026-03-02T00:01:00.002Z, and not of 2026-03-02T00:00:00.002Z, and the store has/,
  );

  await store.write([], { seq: 3 });
  await refuseAnotherJournal(projection, other);
  await own.close();
  await other.close();
  await store.close();
  rmSync(folder, { recursive: true });
});
