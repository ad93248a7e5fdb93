/**
 * Devices that are controlled by a table of bytes: central controllers (中控), projectors and displays on a serial line
 * or a serial server. A profile is that table: what to send, how the answers look, what they mean.
 */
import { BytePattern, type PatternValues } from "../codecs/byte-pattern.ts";
import {
  DataType,
  GOOD,
  type MetricName,
  metricDefinition,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
import type { ProfileCommon } from "./profile.ts";

/** A frame that says something: a value of its own, or the number in it, times `scale`. */
export interface Saying {
  readonly pattern: BytePattern;
  /** Absent: the number that stands in the frame. */
  readonly value?: SampleValue;
  readonly scale?: number;
}

export interface SerialPoint {
  /** Asks for it; absent where the device only tells it by itself. */
  readonly query?: BytePattern;
  /** How the device says it, when asked and by itself. */
  readonly sayings: readonly Saying[];
  /** How it is set: a frame for each value, or one with the number in it. */
  readonly commands?: readonly Saying[];
}

/**
 * What must be so before a command is given. The projector that hangs behind a controller's mains is told to switch
 * off, and its mains is cut when it has cooled.
 */
export interface Interlock {
  readonly metric: MetricName;
  readonly value: SampleValue;
  /** Given first. */
  readonly first: { readonly metric: MetricName; readonly value: SampleValue };
  /** The command follows once `first.metric` shows this. */
  readonly until: SampleValue;
}

export interface SerialControlProfile extends ProfileCommon {
  readonly protocol: "serial-control";
  readonly line: {
    readonly baud: number;
    readonly dataBits: 7 | 8;
    readonly parity: "none" | "even" | "odd";
    readonly stopBits: 1 | 2;
    /** TCP port of the same protocol, where devices offer it. */
    readonly port?: number;
  };
  /** Silence that the device needs between frames. */
  readonly gap_ms: number;
  /** How long it may take to answer. */
  readonly answer_ms: number;
  /** How often a request that nobody answered is sent again. */
  readonly retries: number;
  /** `{id}` in its frames, unless the address says another. */
  readonly deviceNumber: number;
  readonly points: Readonly<Record<MetricName, SerialPoint>>;
  /** Said after a command was taken; empty where the device says nothing. */
  readonly accepted: readonly BytePattern[];
  /** Said when it cannot be done or told now. */
  readonly refused: readonly BytePattern[];
  /** True when it says by itself what changed. */
  readonly tellsChanges?: boolean;
  readonly interlocks?: readonly Interlock[];
}

/** Writes a table as manuals print it: hex, text and fields; see codecs/byte-pattern.ts. */
export const bytes = (text: string): BytePattern => new BytePattern(text);

/** A frame for each value: `{ on: "…", off: "…" }`; `true` and `false` for a flag. */
export function each(table: Readonly<Record<string, string>>): readonly Saying[] {
  return Object.entries(table).map(([word, pattern]) => ({
    pattern: bytes(pattern),
    value: word === "true" ? true : word === "false" ? false : word,
  }));
}

/** The number in the frame. */
export const number = (pattern: string, scale = 1): readonly Saying[] => [{ pattern: bytes(pattern), scale }];

export function serialControlMetrics(profile: SerialControlProfile): readonly MetricName[] {
  return Object.keys(profile.points);
}

/** The frame that sets `metric` to `value`; undefined when the device cannot be told so. */
export function commandFor(
  profile: SerialControlProfile,
  metric: MetricName,
  value: SampleValue,
  id: number,
): Uint8Array | undefined {
  return frameFor(ownPoint(profile, metric)?.commands ?? [], value, id);
}

/** The frame among `sayings` that says `value`. */
export function frameFor(sayings: readonly Saying[], value: SampleValue, id: number): Uint8Array | undefined {
  for (const { pattern, value: says, scale = 1 } of sayings) {
    if (says === undefined && typeof value === "number")
      return pattern.make({ id, value: Math.round(value / scale) });
    if (says !== undefined && says === value) return pattern.make({ id });
  }
  return undefined;
}

export interface Heard {
  readonly metric: MetricName;
  readonly value: SampleValue;
}

export type Said =
  | { readonly kind: "told"; readonly heard: Heard }
  | { readonly kind: "accepted" }
  | { readonly kind: "refused" };

/** What is waited for. */
export interface Listening {
  /** The answer to a question tells one of these; other frames are skipped. Absent: every metric. */
  readonly metrics?: readonly MetricName[];
  /** An acknowledgement counts after a command only: a single byte of it may begin an answer. */
  readonly acknowledged?: boolean;
}

/**
 * Everything that the device says in `received`, in order. Bytes that belong to no frame are skipped; `rest` is where
 * a frame may begin that has not come whole.
 */
export function listen(
  profile: SerialControlProfile,
  received: Uint8Array,
  id: number,
  listening: Listening = {},
): { readonly said: readonly Said[]; readonly rest: number } {
  const candidates = candidatesOf(profile, listening);
  const said: Said[] = [];
  let at = 0;
  while (at < received.length) {
    const found = longestAt(candidates, received, at, id);
    if (found === "short") break;
    if (found !== undefined) said.push(found.said);
    at += found?.length ?? 1;
  }
  return { said, rest: at };
}

interface Candidate {
  readonly pattern: BytePattern;
  readonly says: (match: PatternValues) => Said;
}

function candidatesOf(
  profile: SerialControlProfile,
  { acknowledged, metrics }: Listening,
): readonly Candidate[] {
  const told = Object.entries(profile.points)
    .filter(([metric]) => metrics === undefined || metrics.includes(metric))
    .flatMap(([metric, { sayings }]) =>
      sayings.map(
        (saying): Candidate => ({
          pattern: saying.pattern,
          says: (match) => ({ kind: "told", heard: { metric, value: valueSaid(metric, saying, match) } }),
        }),
      ),
    );
  const refused = profile.refused.map(
    (pattern): Candidate => ({ pattern, says: () => ({ kind: "refused" }) }),
  );
  const accepted = profile.accepted.map(
    (pattern): Candidate => ({ pattern, says: () => ({ kind: "accepted" }) }),
  );
  return [...told, ...refused, ...(acknowledged === true ? accepted : [])];
}

/** The longest frame that fits is meant: an acknowledgement may be how a longer answer begins. */
function longestAt(
  candidates: readonly Candidate[],
  received: Uint8Array,
  at: number,
  id: number,
): { readonly said: Said; readonly length: number } | "short" | undefined {
  let short = false;
  let longest: { readonly said: Said; readonly length: number } | undefined;
  for (const { pattern, says } of candidates) {
    const match = pattern.match(received, at, { id });
    if (match === "short") short = true;
    else if (match !== undefined && match.length > (longest?.length ?? 0)) {
      longest = { said: says(match), length: match.length };
    }
  }
  return longest ?? (short ? "short" : undefined);
}

function valueSaid(metric: MetricName, { scale = 1, value }: Saying, match: PatternValues): SampleValue {
  if (value !== undefined) return value;
  if (match.value === undefined) return null;
  const number = match.value * scale;
  // What is counted in whole hours is told when they are over.
  return metricDefinition(metric)?.datatype === DataType.UInt64 ? Math.floor(number + ROUNDING) : number;
}

/** A fraction of one is not exact: 5 hours are 18,000 of them, and a little less. */
const ROUNDING = 1e-9;

/** A metric that the device could not tell now is null and uncertain. */
export function serialSample(
  metric: MetricName,
  value: SampleValue | undefined,
  eventTime: Timestamp,
): Sample {
  return value === undefined
    ? { metric, value: null, quality: { status: "uncertain", reason: "not-read" }, eventTime }
    : { metric, value, quality: GOOD, eventTime };
}

/** What is wrong with a profile's table; empty when nothing is. */
export function serialControlProblems(profile: SerialControlProfile): readonly string[] {
  return Object.entries(profile.points).flatMap(([metric, { commands = [], sayings }]) => {
    const definition = metricDefinition(metric);
    if (definition === undefined) return [`the dictionary has no ${metric}`];
    const problems: string[] = [];
    if (sayings.length === 0) problems.push(`${metric} is never said`);
    if (commands.length > 0 && definition.writable !== true) problems.push(`${metric} is not writable`);
    for (const { pattern, value } of [...sayings, ...commands]) {
      if ((value === undefined) !== pattern.hasValue)
        problems.push(`${metric}: “${pattern.text}” says no value, or two`);
      if (definition.datatype === DataType.Boolean && typeof value !== "boolean")
        problems.push(`${metric} is true or false`);
    }
    return problems;
  });
}

function ownPoint(profile: SerialControlProfile, metric: MetricName): SerialPoint | undefined {
  return Object.hasOwn(profile.points, metric) ? profile.points[metric] : undefined;
}
