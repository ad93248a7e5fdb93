/** What every journal must do, whatever holds it: run by each implementation's tests. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JournalReader, JournalWriter } from "../journal.ts";
import { CAMPUS, entry, NODE } from "./entries.ts";

export interface OpenJournal {
  readonly writer: JournalWriter;
  readonly reader: JournalReader;
  close(): Promise<void> | void;
}

export interface JournalUnderTest {
  /** Opens the same journal again and again; the first time it is empty. */
  open(): Promise<OpenJournal> | OpenJournal;
  remove(): Promise<void> | void;
}

const textOf = ({ payload }: { payload: Uint8Array }): string => new TextDecoder().decode(payload);

export function journalContract(name: string, make: () => JournalUnderTest): void {
  describe(`journal: ${name}`, () => {
    let subject: JournalUnderTest;
    let journal: OpenJournal;
    beforeEach(async () => {
      subject = make();
      journal = await subject.open();
    });
    afterEach(async () => {
      await journal.close();
      await subject.remove();
    });
    const reopen = async (): Promise<void> => {
      await journal.close();
      journal = await subject.open();
    };

    test("an empty journal has nothing to read and says so", async () => {
      expect(await journal.reader.bounds()).toEqual({ first: 1, last: 0 });
      expect(await journal.reader.read(0, 10)).toEqual([]);
      expect(await journal.reader.births(0)).toEqual([]);
    });

    test("entries are numbered from 1 without gaps and come back as they went in", async () => {
      expect(
        await journal.writer.append([entry("NBIRTH", "a"), entry("DDATA", "b", { device: "gate" })]),
      ).toBe(2);
      expect(await journal.writer.append([entry("CLOCK", "")])).toBe(3);
      expect(await journal.reader.read(0, 10)).toEqual([
        { seq: 1, ...entry("NBIRTH", "a") },
        { seq: 2, ...entry("DDATA", "b", { device: "gate" }) },
        { seq: 3, ...entry("CLOCK", "") },
      ]);
      expect((await journal.reader.read(1, 1)).map(({ seq }) => seq)).toEqual([2]);
      expect(await journal.reader.bounds()).toEqual({ first: 1, last: 3 });
    });

    test("appends made at the same time keep their order and each learns its own last number", async () => {
      const sizes = [1, 3, 2, 5, 1];
      const results = await Promise.all(
        sizes.map((size, index) =>
          journal.writer.append(Array.from({ length: size }, (_, at) => entry("NDATA", `${index}.${at}`))),
        ),
      );
      expect(results).toEqual([1, 4, 6, 11, 12]);
      expect((await journal.reader.read(0, 99)).map(textOf)).toEqual(
        sizes.flatMap((size, index) => Array.from({ length: size }, (_, at) => `${index}.${at}`)),
      );
    });

    test("numbering goes on after the journal is closed and opened", async () => {
      await journal.writer.append([entry("NDATA", "before")]);
      await reopen();
      expect(await journal.writer.append([entry("NDATA", "after")])).toBe(2);
      expect((await journal.reader.read(0, 9)).map(textOf)).toEqual(["before", "after"]);
    });

    test("receive times never go back, across a reopening too", async () => {
      await journal.writer.append([
        entry("CLOCK", "", { receivedAt: 5_000 }),
        entry("CLOCK", "", { receivedAt: 4_000 }),
      ]);
      await reopen();
      await journal.writer.append([
        entry("CLOCK", "", { receivedAt: 1_000 }),
        entry("CLOCK", "", { receivedAt: 6_000 }),
      ]);
      expect((await journal.reader.read(0, 9)).map(({ receivedAt }) => receivedAt)).toEqual([
        5_000, 5_000, 5_000, 6_000,
      ]);
    });

    test("what was received of each outbox is known again after a reopening", async () => {
      await journal.writer.append([
        entry("NDATA", "", { range: { epoch: 7, first: 1, last: 20 } }),
        entry("NDATA", "", { range: { epoch: 7, first: 41, last: 60 } }),
        entry("NDATA", "", { range: { epoch: 8, first: 1, last: 5 } }),
      ]);
      await reopen();
      const { received } = journal.writer;
      expect(received.runsOf(`${CAMPUS}/${NODE}`, 7)).toEqual([
        { first: 1, last: 20 },
        { first: 41, last: 60 },
      ]);
      expect(received.has(`${CAMPUS}/${NODE}`, { epoch: 8, first: 2, last: 5 })).toBe(true);
      expect(received.has(`${CAMPUS}/${NODE}`, { epoch: 9, first: 2, last: 5 })).toBe(false);
    });

    test("births are the newest of each address at that number, and a node's birth voids its devices'", async () => {
      await journal.writer.append([
        entry("NBIRTH", "node 1"),
        entry("DBIRTH", "gate 1", { device: "gate" }),
        entry("DBIRTH", "camera 1", { device: "camera" }),
        entry("DBIRTH", "gate 2", { device: "gate" }),
        entry("NDATA", "data"),
        entry("NBIRTH", "node 2"),
        entry("DBIRTH", "gate 3", { device: "gate" }),
      ]);
      const at = async (seq: number): Promise<string[]> => (await journal.reader.births(seq)).map(textOf);
      expect(await at(0)).toEqual([]);
      expect(await at(3)).toEqual(["node 1", "gate 1", "camera 1"]);
      expect(await at(5)).toEqual(["node 1", "camera 1", "gate 2"]);
      expect(await at(7)).toEqual(["node 2", "gate 3"]);
    });

    test("waiting ends when something is appended, at once when it is there already, and when told to stop", async () => {
      const never = new AbortController();
      const waiting = journal.reader.waitFor(0, never.signal);
      await journal.writer.append([entry("CLOCK", "")]);
      await waiting;
      await journal.reader.waitFor(0, never.signal);
      const stopped = journal.reader.waitFor(1, never.signal);
      never.abort();
      await stopped;
    });

    test("whatever is appended in whatever groups, read in whatever steps, is the same sequence", async () => {
      const groups = fc.array(fc.array(fc.string({ maxLength: 8 }), { minLength: 1, maxLength: 6 }), {
        maxLength: 8,
      });
      let expected: string[] = [];
      await fc.assert(
        fc.asyncProperty(groups, fc.integer({ min: 1, max: 7 }), async (texts, step) => {
          await Promise.all(
            texts.map((group) => journal.writer.append(group.map((text) => entry("NDATA", text)))),
          );
          expected = [...expected, ...texts.flat()];
          const read: string[] = [];
          for (
            let more = await journal.reader.read(0, step);
            more.length > 0;
            more = await journal.reader.read(read.length, step)
          ) {
            for (const each of more) {
              read.push(textOf(each));
              expect(each.seq).toBe(read.length);
            }
          }
          expect(read).toEqual(expected);
        }),
        { numRuns: 25 },
      );
    });
  });
}
