/** Matching events against a rule's tests, and remembering those that matched. */
import type { Quality, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import type { EventInput, Scalar } from "../input.ts";
import type { EventMatch, FieldTest } from "../rule.ts";
import type { Memory, PlacedEvent } from "./condition.ts";

/** Three-valued would be wrong here: an event that does not say what a test asks for has not passed it. */
export function matches({ event, where }: EventMatch, candidate: EventInput): boolean {
  return (
    candidate.name === event &&
    candidate.quality.status !== "bad" &&
    !isCommissioning(candidate.quality) &&
    where.every((test) => passes(test, candidate.fields[test.field] ?? null))
  );
}

/** Nobody has confirmed yet that the device is what and where the configuration says: an installer tries it. */
const isCommissioning = (quality: Quality): boolean =>
  quality.status === "uncertain" && quality.reason === "commissioning";

function passes(test: FieldTest, value: Scalar): boolean {
  if (value === null) return false;
  if (test.is !== undefined) return test.is.includes(value);
  if (typeof value !== "number") return false;
  return (
    value >= (test.atLeast ?? Number.NEGATIVE_INFINITY) && value <= (test.atMost ?? Number.POSITIVE_INFINITY)
  );
}

/** A remembered event. */
export type Mark = {
  readonly at: Timestamp;
  readonly id: string;
  readonly seq: number;
  readonly name: string;
  readonly fields: Readonly<Record<string, Scalar>>;
  readonly quality: { readonly status: Quality["status"]; readonly reason?: string };
};

export function mark({ event, at, seq }: PlacedEvent): Mark {
  return { at, id: event.id, seq, name: event.name, fields: event.fields, quality: event.quality };
}

/** Keeps `marks` in order of event time, the newest `limit` of them, each event once. */
export function remember(marks: Mark[], placed: PlacedEvent, limit: number): boolean {
  if (marks.some(({ id, name }) => id === placed.event.id && name === placed.event.name)) return false;
  let index = marks.length;
  while (index > 0 && (marks[index - 1]?.at ?? 0) > placed.at) index -= 1;
  marks.splice(index, 0, mark(placed));
  if (marks.length > limit) marks.shift();
  return true;
}

export function savedMarks(saved: Memory | undefined): Mark[] {
  return Array.isArray(saved) ? [...(saved as unknown as Mark[])] : [];
}

export function markEvidence(device: string, { name, fields, quality, at, seq }: Mark): EvidenceSample {
  return { device, name, value: null, fields, quality: quality as Quality, eventTime: at, journalSeq: seq };
}
