import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJournalReader, openJournalWriter } from "@campus-ops/broker/journal";
import { OperatorError } from "@campus-ops/service";
import { expect, test } from "vitest";
import { RulesStore } from "../store/rules-store.ts";
import { newEngine } from "../testing/campus.ts";
import { Follower } from "./follower.ts";

const T = 1_790_000_000_000;
const clock = (at: number) => ({ kind: "CLOCK", receivedAt: at, payload: new Uint8Array() }) as const;

test("rules that have read more than the journal holds, or another one, refuse it and say what to do", async () => {
  const folder = mkdtempSync(join(tmpdir(), "another-journal-"));
  const store = new RulesStore(join(folder, "rules.sqlite"));
  const write = async (name: string, ...times: readonly number[]): Promise<void> => {
    const writer = openJournalWriter(join(folder, name));
    await writer.append(times.map(clock));
    writer.close();
  };
  /** Reads to the end and stops. */
  const follow = async (name: string): Promise<void> => {
    const engine = newEngine(store.load());
    const journal = openJournalReader(join(folder, name));
    const ignore = (): void => undefined;
    const options = {
      journal,
      engine: () => engine,
      store,
      onRows: ignore,
      onEffects: ignore,
      onGap: ignore,
    };
    const follower = new Follower(options);
    const stop = new AbortController();
    const running = follower.run(stop.signal);
    running.catch(() => undefined);
    const { last } = await journal.bounds();
    const read = expect.poll(() => follower.seq).toBeGreaterThanOrEqual(last);
    await Promise.race([running, read]);
    stop.abort();
    try {
      await running;
    } finally {
      journal.close();
    }
  };
  await write("journal", T + 1, T + 2);
  cpSync(join(folder, "journal"), join(folder, "restored"), { recursive: true });
  await write("journal", T + 3, T + 4);
  await follow("journal");
  await follow("journal");

  const ends = follow("restored");
  await expect(ends).rejects.toThrow(OperatorError);
  await expect(ends).rejects.toThrow("the journal ends at entry 2, and rules.sqlite has read up to entry 4");
  await write("restored", T + 300, T + 400, T + 500);
  await expect(follow("restored")).rejects.toThrow("entry 4 of the journal is of");
  await follow("journal");
  store.close();
  rmSync(folder, { recursive: true });
});
