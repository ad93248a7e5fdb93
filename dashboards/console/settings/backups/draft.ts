/** What is edited of the section `backup`: places, who can open the backups, when, and how many are kept. */

export const PLACE_KINDS = ["folder", "sftp", "s3"] as const;
export type PlaceKind = (typeof PLACE_KINDS)[number];

/** Fields of a kind; the first is where it is. What ends in `File` is brought along as a file, and never shown again. */
export const PLACE_FIELDS = {
  folder: ["folder"],
  sftp: ["sftp", "keyFile", "knownHostsFile"],
  s3: ["s3", "credentialsFile", "region", "caFile"],
} as const satisfies Record<PlaceKind, readonly string[]>;
export type PlaceField = (typeof PLACE_FIELDS)[PlaceKind][number];
const OPTIONAL: ReadonlySet<string> = new Set(["region", "caFile"]);

/** As `hub.yaml` has it: with fields that this page does not know, which stay. */
export type PlaceValue = Readonly<Record<string, unknown>>;

export interface BackupDraft {
  readonly at?: string;
  readonly to: readonly PlaceValue[];
  readonly recipients: readonly string[];
  readonly keep?: { readonly last?: number; readonly months?: number };
}

export const isFile = (field: PlaceField): boolean => field.endsWith("File");
export const isOptional = (field: PlaceField): boolean => OPTIONAL.has(field);

export function readBackup(value: unknown): BackupDraft {
  const said = (value ?? {}) as Partial<BackupDraft>;
  return { ...said, to: said.to ?? [], recipients: said.recipients ?? [] };
}

export const kindOf = (place: PlaceValue): PlaceKind =>
  PLACE_KINDS.find((kind) => typeof place[kind] === "string") ?? "folder";

/** Where it is, in one line. */
export const whereOf = (place: PlaceValue): string => String(place[kindOf(place)] ?? "");

export type Typed = Readonly<Partial<Record<PlaceField, string>>>;

/**
 * A place out of what was typed, and its secrets as files; those that were not typed anew stay.
 *
 * @param number which of the places it is: its files are named for it
 */
export function placeOf(
  kind: PlaceKind,
  typed: Typed,
  before: PlaceValue | undefined,
  number: number,
): { readonly place: PlaceValue; readonly files: Readonly<Record<string, string>> } {
  const place: Record<string, unknown> = before !== undefined && kindOf(before) === kind ? { ...before } : {};
  const files: Record<string, string> = {};
  for (const field of PLACE_FIELDS[kind] as readonly PlaceField[]) {
    const text = (typed[field] ?? "").trim();
    if (isFile(field)) {
      if (text === "") continue;
      const name = `settings:backup-${number}-${field.replace("File", "").toLowerCase()}`;
      place[field] = name;
      // Keys end with a line's end, or their reader calls them cut off.
      files[name] = `${text}\n`;
    } else if (text === "") delete place[field];
    else place[field] = text;
  }
  return { place, files };
}

/** One recipient a line, as `campus-ops backup key` prints them. */
export const recipientsIn = (text: string): readonly string[] =>
  text.split(/[\s,，;；]+/).filter((each) => each !== "");
