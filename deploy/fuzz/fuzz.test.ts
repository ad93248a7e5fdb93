/**
 * Random and mutated bytes for whatever takes bytes from outside. A failing case is printed with its seed and shrunk;
 * it belongs into `corpus/` from then on. `npm run faults -- fuzz` goes on for a million cases.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { corpusOf, corpusTargets } from "./corpus.ts";
import { FILE_TARGETS } from "./file-targets.ts";
import { NOTIFICATION_TARGETS } from "./notification-targets.ts";
import { type FuzzTarget, WIRE_TARGETS } from "./targets.ts";

const FUZZ_TARGETS = [...WIRE_TARGETS, ...NOTIFICATION_TARGETS, ...FILE_TARGETS];
const CASES = Number(process.env.CAMPUS_OPS_FUZZ_CASES ?? 5_000);
const SHARES = FUZZ_TARGETS.reduce((sum, { share = 1 }) => sum + share, 0);
const casesOf = ({ share = 1 }: FuzzTarget): number => Math.ceil((CASES * share) / SHARES);
const SEED = process.env.CAMPUS_OPS_SEED;
const BYTES_MAX = 400;
const MUTATIONS_MAX = 6;
/** Numbers at which lengths and counts go wrong. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff];
/** Of the processor: a case takes microseconds, and what takes seconds is on its way to never. */
const CASE_MS_MAX = 2_000;

type Mutation =
  | { readonly kind: "set"; readonly at: number; readonly byte: number }
  | { readonly kind: "cut"; readonly at: number; readonly length: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "repeat"; readonly at: number; readonly length: number };

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({
    kind: fc.constant("set" as const),
    at: fc.nat(),
    byte: fc.oneof(fc.constantFrom(...EDGES), fc.integer({ min: 0, max: 255 })),
  }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 20 }) }),
  fc.record({
    kind: fc.constant("insert" as const),
    at: fc.nat(),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
  }),
  fc.record({ kind: fc.constant("repeat" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 40 }) }),
);

function mutated(example: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  let bytes = example;
  for (const each of mutations) {
    const at = bytes.length === 0 ? 0 : each.at % bytes.length;
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    if (each.kind === "set") bytes = Uint8Array.of(...before, each.byte, ...after.subarray(1));
    else if (each.kind === "cut") bytes = Uint8Array.of(...before, ...after.subarray(each.length));
    else if (each.kind === "insert") bytes = Uint8Array.of(...before, ...each.bytes, ...after);
    else bytes = Uint8Array.of(...before, ...after.subarray(0, each.length), ...after);
  }
  return bytes;
}

function bytesFor({ examples }: FuzzTarget): fc.Arbitrary<Uint8Array> {
  const fromExample = fc
    .tuple(fc.constantFrom(...examples), fc.array(mutation, { minLength: 1, maxLength: MUTATIONS_MAX }))
    .map(([example, mutations]) => mutated(example, mutations));
  return fc.oneof(
    { weight: 3, arbitrary: fromExample },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: BYTES_MAX }) },
  );
}

function feed({ errors, feed: take }: FuzzTarget, bytes: Uint8Array): void {
  const before = process.threadCpuUsage();
  try {
    take(bytes);
  } catch (error) {
    if (!errors.some((each) => error instanceof each)) throw error;
  }
  const { system, user } = process.threadCpuUsage(before);
  const took_ms = (system + user) / 1_000;
  if (took_ms > CASE_MS_MAX) throw new Error(`${bytes.length} bytes took ${Math.round(took_ms)} ms`);
}

describe.each(FUZZ_TARGETS.map((target) => [target.name, target] as const))("%s", (name, target) => {
  test("takes its own examples", () => {
    for (const example of target.examples) feed(target, example);
  });

  test("throws nothing but its own errors for what once made it", () => {
    for (const bytes of corpusOf(name).values()) feed(target, bytes);
  });

  const numRuns = casesOf(target);
  test(`throws nothing but its own errors, and ends, for ${numRuns} random and mutated inputs`, {
    timeout: 60_000 + numRuns * 10,
  }, () => {
    const seed = SEED === undefined ? {} : { seed: Number(SEED) };
    fc.assert(
      fc.property(bytesFor(target), (bytes) => feed(target, bytes)),
      { numRuns, ...seed },
    );
  });
});

test("the corpus is of targets that there are, and no file of it is empty", () => {
  const names = new Set(FUZZ_TARGETS.map(({ name }) => name));
  expect(corpusTargets().filter((name) => !names.has(name))).toEqual([]);
  const files = corpusTargets().flatMap((name) => [...corpusOf(name).values()]);
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter(({ length }) => length === 0)).toEqual([]);
});
