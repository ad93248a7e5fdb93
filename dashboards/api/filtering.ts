/**
 * Which entries of a list are asked for: by words that stand anywhere in an entry, by its place, and by properties that the
 * list names. Pure.
 *
 *   config: { permission: "alarms.read", paged: { by: ["id"], at: "path", filters: { by: string } } }
 *   GET /drills?scope=990100/990102&text=fire
 */
import { isWithin } from "@campus-ops/device-profiles/vocabulary";

export interface Filtered {
  /** Property with an entry's place in the asset tree: the query may ask for a `scope`. */
  readonly at?: string;
  /** Property → JSON schema of its value in the query. Where an entry has several values, one of them is it. */
  readonly filters?: Readonly<Record<string, object>>;
  /** False where the route looks for words itself. */
  readonly words?: false;
}

export const textFilter = {
  type: "string",
  maxLength: 200,
  description: "only entries in whose texts all of these words stand, in any language",
} as const;
/** Entries are flat: their titles in two languages, and what belongs to those. */
const TEXT_DEPTH_MAX = 4;

type Entry = Readonly<Record<string, unknown>>;
export type Asked = Readonly<Record<string, unknown>>;

/** `all` itself where nothing is asked for. */
export function filtered<T extends Entry>(
  all: readonly T[],
  { at, filters = {}, words: byWords }: Filtered,
  asked: Asked,
): readonly T[] {
  const wanted = Object.keys(filters).filter((name) => asked[name] !== undefined);
  const words = byWords === false ? [] : wordsOf(asked.text);
  const scope = at === undefined || typeof asked.scope !== "string" ? "" : asked.scope;
  if (wanted.length === 0 && words.length === 0 && scope === "") return all;
  return all.filter(
    (entry) =>
      wanted.every((name) => is(entry[name], asked[name])) &&
      (at === undefined || scope === "" || isWithin(String(entry[at]), scope)) &&
      (words.length === 0 || has(entry, words)),
  );
}

const wordsOf = (text: unknown): readonly string[] =>
  typeof text === "string" ? text.toLowerCase().split(/\s+/).filter(Boolean) : [];

const is = (value: unknown, wanted: unknown): boolean =>
  Array.isArray(value) ? value.includes(wanted) : value === wanted;

function has(entry: Entry, words: readonly string[]): boolean {
  const texts = [...textsOf(entry, TEXT_DEPTH_MAX)];
  return words.every((word) => texts.some((text) => text.includes(word)));
}

function* textsOf(value: unknown, depth: number): Generator<string> {
  if (typeof value === "string") yield value.toLowerCase();
  if (typeof value !== "object" || value === null || depth === 0) return;
  for (const each of Object.values(value)) yield* textsOf(each, depth - 1);
}
