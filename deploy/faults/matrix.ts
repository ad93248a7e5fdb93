/** The matrix of what was injected and what became of it: the generated part of docs/reliability.md. */
import type { Outcome } from "./outcome.ts";
import type { Progress } from "./progress.ts";
import { KINDS, SCENARIOS } from "./scenarios.ts";

export const BEGIN = "<!-- Written by `npm run faults -- --write`; edit deploy/faults instead. -->";
export const END = "<!-- End of what is written. -->";

export function matrix(progress: Progress): string {
  const scenarios = Object.entries(SCENARIOS).map(([name, { asserts, inTests, kind, title }]) => {
    const found = progress[name];
    const result =
      found === undefined
        ? "not run"
        : `${found.passed ? "held" : "**failed**"} in ${duration(found.seconds)}, commit ${found.commit}, ${found.date}, seed ${found.seed}`;
    return [
      KINDS[kind],
      `\`${name}\`: ${title}`,
      asserts,
      result,
      inTests.map((file) => `\`${file}\``).join(", "),
    ];
  });
  const outcomes = Object.values(progress).flatMap((finished) => finished.outcomes.map(cells));
  return [
    table(["kind of fault", "scenario", "what it asserts", "found", "in `npm test`"], scenarios),
    ...(outcomes.length === 0
      ? []
      : [
          table(
            ["fault", "done to", "lost", "doubled", "operator told after", "console says", "recovered after"],
            outcomes,
          ),
        ]),
  ].join("\n\n");
}

/** The page with the matrix in the place of the one it has. Throws when the place is not marked. */
export function withMatrix(page: string, progress: Progress): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error("the page does not mark where the matrix belongs");
  return `${page.slice(0, begin)}${BEGIN}\n\n${matrix(progress)}\n\n${page.slice(end)}`;
}

function cells({ doubled, fault, lost, part, recovered_s, says, told_s }: Outcome): readonly string[] {
  const seconds = (value: number | undefined): string => (value === undefined ? "" : `${value.toFixed(1)} s`);
  return [
    fault,
    part,
    String(lost ?? ""),
    String(doubled ?? ""),
    told_s === null ? "nothing to tell" : seconds(told_s),
    says ?? "",
    seconds(recovered_s),
  ];
}

function duration(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (each: readonly string[]): string =>
    `| ${each.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
