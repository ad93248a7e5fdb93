/** What a scenario found out of one fault, for the matrix: a line of JSON in the file that `npm run faults` names. */
import { appendFileSync, readFileSync } from "node:fs";

export const OUTCOMES_FILE = "CAMPUS_OPS_OUTCOMES";

export interface Outcome {
  readonly fault: string;
  /** Which part of the platform it was done to. */
  readonly part: string;
  /** Of what had been acknowledged; undefined where nothing was counted. */
  readonly lost?: number;
  readonly doubled?: number;
  /** Seconds until the operator was told; null when there is nothing to tell, because nothing is late or missing. */
  readonly told_s?: number | null;
  /** What the console says. */
  readonly says?: string;
  /** Seconds from the fault's end until everything was as before. */
  readonly recovered_s?: number;
}

/** Does nothing outside of the campaign. */
export function tell(outcome: Outcome): void {
  const file = process.env[OUTCOMES_FILE];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(outcome)}\n`);
}

export function outcomesIn(file: string): readonly Outcome[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Outcome);
}
