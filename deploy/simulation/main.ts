/** `npm run simulate -- --seed N`: replays one seed with a trace of everything that happened in it. */
import { parseArgs } from "node:util";
import { MUTATIONS } from "./mutations.ts";
import { simulate } from "./simulation.ts";

const { values } = parseArgs({ options: { seed: { type: "string" }, mutation: { type: "string" } } });
const seed = Number(values.seed);
const mutation =
  values.mutation === undefined ? undefined : MUTATIONS.find(({ name }) => name === values.mutation);
if (!Number.isSafeInteger(seed) || (values.mutation !== undefined && mutation === undefined)) {
  console.error("usage: npm run simulate -- --seed <number> [--mutation <name>]");
  console.error(`mutations: ${MUTATIONS.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const outcome = await simulate({
  seed,
  ...(mutation === undefined ? {} : { pieces: mutation.pieces }),
  onTrace: (at_ms, who, what) =>
    console.log(`${(at_ms / 1000).toFixed(3).padStart(9)} s  ${who.padEnd(7)} ${what}`),
});
const { broken, entries, events, virtual_ms } = outcome;
console.log(
  `seed ${seed}: ${events} events, ${entries} journal entries, ${virtual_ms / 1000} s of virtual time`,
);
if (broken === undefined) console.log("every invariant held");
else {
  console.error(`broken: ${broken.message}`);
  process.exitCode = 1;
}
