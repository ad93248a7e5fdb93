/**
 * The promise, tried in a thousand worlds: `SIMULATION_SEEDS` says in how many, `SIMULATION_SEED` with which number to
 * begin. What fails names the command that replays it.
 */
import { describe, expect, test } from "vitest";
import { MUTATIONS } from "./mutations.ts";
import { type Outcome, simulate } from "./simulation.ts";

const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 1_000);
const FIRST_SEED = Number(process.env.SIMULATION_SEED ?? 1);
/** A planted bug comes to light within so many seeds. */
const MUTATION_SEEDS_MAX = 40;
const TIMEOUT_MS = 600_000;
/** Ten times what a world takes where there is nothing else to do: for a machine that has much else to do. */
const WORLD_MS_MAX = 1_000;

const replay = ({ broken, seed }: Outcome, more = ""): string =>
  `${broken?.message}\n  npm run simulate -- --seed ${seed}${more}`;

test(`whatever fails, nothing acknowledged is lost or doubled, and everything arrives in the end: ${SEEDS} worlds`, {
  timeout: Math.max(TIMEOUT_MS, SEEDS * WORLD_MS_MAX),
}, async () => {
  const broken: string[] = [];
  let entries = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
    const outcome = await simulate({ seed });
    if (outcome.broken !== undefined) broken.push(replay(outcome));
    entries += outcome.entries;
  }
  expect(broken.join("\n")).toBe("");
  // Worlds in which nothing happens would prove nothing.
  expect(entries / SEEDS).toBeGreaterThan(100);
});

test("the same seed gives the same world, event by event", async () => {
  const trace = async (): Promise<readonly string[]> => {
    const lines: string[] = [];
    await simulate({ seed: 7, onTrace: (at_ms, who, what) => lines.push(`${at_ms} ${who} ${what}`) });
    return lines;
  };
  const first = await trace();
  expect(first.length).toBeGreaterThan(100);
  expect(await trace()).toEqual(first);
});

describe("each planted bug is caught, by the invariant that is there for it", () => {
  test.each(MUTATIONS)("$name", { timeout: TIMEOUT_MS }, async ({ caughtBy, pieces }) => {
    for (let seed = 1; seed <= MUTATION_SEEDS_MAX; seed += 1) {
      const { broken } = await simulate({ seed, pieces });
      if (broken === undefined) continue;
      expect(caughtBy).toContain(broken.invariant);
      const sound = await simulate({ seed });
      expect(sound.broken).toBeUndefined();
      return;
    }
    expect.unreachable(`not caught in ${MUTATION_SEEDS_MAX} seeds`);
  });
});
