/** `docs/sparkplug-conformance.md`: each assertion of the specification with the tests that prove it and what they said. */
import { table } from "../markdown.ts";
import { DOES_NOT_ARISE, UNMET } from "./unmet.ts";

export interface Assertion {
  readonly id: string;
  readonly strength: string;
  /** edge, host, broker, any; several with commas between. */
  readonly testedAs: readonly string[];
}

/** As vitest's JSON reporter writes it; what is not read is left out. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

export interface Proof {
  readonly title: string;
  /** The test file, from the repository's root. */
  readonly file: string;
  readonly passed: boolean;
  /** Runs that bear the title: one on each MQTT server where it is told on the wire. */
  readonly runs: number;
}

/** The table's columns are assertion, chapter, strength, tested as. */
export function readAssertions(text: string): readonly Assertion[] {
  const [, ...lines] = text.trimEnd().split("\n");
  return lines.map((line) => {
    const [id = "", , strength = "", testedAs = ""] = line.split("\t");
    return { id, strength, testedAs: testedAs.split(",") };
  });
}

const ID = /tck-id-[A-Za-z0-9-]+/g;

/** By assertion. The tests of the tests (that a check can find fault) bear no whole id and are no proof. */
export function proofsIn({ testResults }: TestReport, root: string): ReadonlyMap<string, readonly Proof[]> {
  const proofs = new Map<string, Map<string, Proof>>();
  for (const { assertionResults, name } of testResults) {
    const file = name.replace(`${root}/`, "");
    for (const { status, title } of assertionResults) {
      for (const [id] of title.matchAll(ID)) {
        const of = proofs.get(id) ?? new Map<string, Proof>();
        proofs.set(id, of);
        const key = `${file} ${title}`;
        const known = of.get(key);
        const passed = status === "passed" && known?.passed !== false;
        of.set(key, { title: withoutIds(title), file, passed, runs: (known?.runs ?? 0) + 1 });
      }
    }
  }
  return new Map([...proofs].map(([id, of]) => [id, [...of.values()]]));
}

const withoutIds = (title: string): string =>
  title
    .replaceAll(/\s*\[tck-id-[A-Za-z0-9-]+\]/g, "")
    .replace(/^tck-id-[A-Za-z0-9-]+: /, "")
    .trim();

export type Result = "met" | "does not arise" | "not met" | "failed" | "no test";

export function resultOf(id: string, proofs: readonly Proof[] | undefined): Result {
  if (proofs?.some(({ passed }) => !passed) === true) return "failed";
  if (UNMET[id] !== undefined) return "not met";
  if (proofs === undefined) return "no test";
  return DOES_NOT_ARISE[id] === undefined ? "met" : "does not arise";
}

export function conformancePage(
  assertions: readonly Assertion[],
  proofs: ReadonlyMap<string, readonly Proof[]>,
): string {
  const results = new Map(assertions.map(({ id }) => [id, resultOf(id, proofs.get(id))]));
  const must = assertions.filter(({ strength }) => strength === "MUST");
  const summary = ["edge", "host", "any", "broker"].map((who) => {
    const own = must.filter(({ testedAs }) => testedAs.includes(who));
    const count = (result: Result): string =>
      String(own.filter(({ id }) => results.get(id) === result).length);
    const open = own.filter(({ id }) => results.get(id) === "failed" || results.get(id) === "no test");
    return [
      who,
      String(own.length),
      count("met"),
      count("does not arise"),
      count("not met"),
      String(open.length),
    ];
  });
  const open = assertions.filter(
    ({ id }) => results.get(id) !== "met" && results.get(id) !== "does not arise",
  );
  const rows = assertions.map(({ id, strength, testedAs }) => [
    id,
    strength,
    testedAs.join(", "),
    (proofs.get(id) ?? [])
      .map(({ file, runs, title }) => `${title} (${file}${runs > 1 ? `, ${runs} servers` : ""})`)
      .join("; "),
    results.get(id) ?? "no test",
  ]);
  return `# Sparkplug B 3.0: what we keep, assertion by assertion

The specification numbers its assertions; so do the titles of our tests. The tests under \`deploy/conformance\` run the real
edge agent and the real ingest against our own broker and against Debian's mosquitto, with a relay between that takes down
every MQTT packet; what they look at is read by \`mqtt-packet\` and by the protobuf reader of \`sparkplug-payload\`, not by our
own code. One recording proves many assertions, and every check is also shown to find fault with a recording in which
nothing happened. It is our own reading of the specification, not a run of the Eclipse test kit.

Repeat it with \`npm run conformance\`.

## In figures

MUST assertions by whom they are tested as. One that is tested as two is counted with both.

${table(["Tested as", "MUST", "Met", "Does not arise", "Not met", "Failed or untested"], summary)}

## What is not met, and why

${table(
  ["Assertion", "Level", "Why"],
  open.map(({ id, strength }) => [
    id,
    strength,
    UNMET[id] ?? (results.get(id) === "failed" ? "A test fails." : "There is no test."),
  ]),
)}

## What does not arise

${table(["Assertion", "Why"], Object.entries(DOES_NOT_ARISE))}

## All assertions

${table(["Assertion", "Level", "Tested as", "Test", "Result"], rows)}`;
}
