/** What lies over a document: sections that were written somewhere else, and the files that their values name. Pure. */
import { join } from "node:path";

/** A value that names one of the files beside the overlays. */
export const OWN_FILE = "settings:";
export const FILE_NAME = /^settings:([a-z0-9][a-z0-9.-]{0,99})$/;

/** A setting as it is laid over a document: see `checkDocument`. */
export interface Overlay {
  /** Dotted path of the section it takes the place of. */
  readonly at: string;
  readonly file: string;
  /** YAML; the section is its `value`. */
  readonly text: string;
  /** Folder of the files that values name. */
  readonly files: string;
}

/** A value whose names for the settings' own files are the paths of those files. */
export function withPaths(value: unknown, files: string): unknown {
  return eachText(value, (text) => {
    const [, name] = FILE_NAME.exec(text) ?? [];
    return name === undefined ? text : join(files, name);
  });
}

export function eachText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((each) => eachText(each, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, eachText(each, change)]));
}
