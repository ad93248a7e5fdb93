/**
 * Facts of an alarm as they travel between hubs: JSON of `{ replica, heard }`. What comes from another hub is read as it
 * would be from a stranger: anything that is not as it should be refuses the whole.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmReplica, Comment, Deed, Raising } from "./alarm-replica.ts";
import type { Heard } from "./difference.ts";
import type { Stamp } from "./hybrid-clock.ts";

/** Hubs that one alarm can have been at. */
export const HUBS_MAX = 16;
export const TEXT_CHARACTERS_MAX = 2_000;
const RAISINGS_READ_MAX = 64;
const COMMENTS_READ_MAX = 400;
const NAME_CHARACTERS_MAX = 160;

export interface TravellingFacts {
  readonly replica: AlarmReplica;
  readonly heard: Heard;
}

export const writeFacts = ({ heard, replica }: TravellingFacts): string => JSON.stringify({ replica, heard });

/** Undefined when it is anything else. */
export function readFacts(text: string): TravellingFacts | undefined {
  try {
    const { heard, replica } = record(JSON.parse(text));
    return { replica: replicaOf(replica), heard: heardOf(heard) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function replicaOf(value: unknown): AlarmReplica {
  const { comments, id, latching, outOfService, raisings, shelved } = record(value);
  return {
    id: name(id),
    latching: truth(latching),
    raisings: list(raisings, RAISINGS_READ_MAX).map(raisingOf),
    comments: list(comments, COMMENTS_READ_MAX).map(commentOf),
    ...optional("shelved", shelved, (each) => decision(each, (at) => (at === null ? null : moment(at)))),
    ...optional("outOfService", outOfService, (each) => decision(each, truth)),
  };
}

function raisingOf(value: unknown): Raising {
  const { acknowledged, again, assigned, raised, raisedAt, reset, returned, suppressed } = record(value);
  return {
    raisedAt: moment(raisedAt),
    ...optional("raised", raised, deedOf),
    ...optional("returned", returned, deedOf),
    ...optional("acknowledged", acknowledged, deedOf),
    ...optional("again", again, deedOf),
    ...optional("reset", reset, deedOf),
    ...optional("suppressed", suppressed, (each) => decision(each, truth)),
    ...optional("assigned", assigned, (each) => decision(each, (to) => (to === null ? null : name(to)))),
  };
}

function deedOf(value: unknown): Deed {
  const { at, by, comment, stamp } = record(value);
  return { by: name(by), at: moment(at), ...optional("comment", comment, text), stamp: stampOf(stamp) };
}

function commentOf(value: unknown): Comment {
  const { at, by, stamp, text: said } = record(value);
  return { by: name(by), text: text(said), at: moment(at), stamp: stampOf(stamp) };
}

function decision<T>(value: unknown, of: (value: unknown) => T) {
  const { by, stamp, value: decided } = record(value);
  return { value: of(decided), by: name(by), stamp: stampOf(stamp) };
}

function stampOf(value: unknown): Stamp {
  const { count, hub, wall } = record(value);
  return { wall: moment(wall), count: moment(count), hub: name(hub) };
}

function heardOf(value: unknown): Heard {
  const entries = Object.entries(record(value));
  if (entries.length > HUBS_MAX) throw new SyntaxError("too many hubs");
  return Object.fromEntries(entries.map(([hub, stamp]) => [name(hub), stampOf(stamp)]));
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new SyntaxError("no object");
  return value as Record<string, unknown>;
}

function list(value: unknown, max: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > max) throw new SyntaxError("no list, or too long a one");
  return value;
}

function optional<K extends string, T>(key: K, value: unknown, of: (value: unknown) => T): { [P in K]?: T } {
  return value === undefined ? {} : ({ [key]: of(value) } as { [P in K]?: T });
}

function bounded(value: unknown, max: number): string {
  if (typeof value !== "string" || value.length > max) throw new SyntaxError("no text, or too long a one");
  return value;
}

const name = (value: unknown): string => bounded(value, NAME_CHARACTERS_MAX);
const text = (value: unknown): string => bounded(value, TEXT_CHARACTERS_MAX);

function truth(value: unknown): boolean {
  if (typeof value !== "boolean") throw new SyntaxError("neither true nor false");
  return value;
}

function moment(value: unknown): Timestamp {
  if (typeof value !== "number" || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER))
    throw new SyntaxError("no moment");
  return value;
}
