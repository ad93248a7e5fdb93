/**
 * What people change of a hub's configuration in its console. Each setting is a section of `hub.yaml` and, once it was
 * changed, a file of its own in `settings/` of the data folder, which then stands in the section's place. `hub.yaml` itself is
 * never written; without the file it counts again.
 *
 *     settings/notify.yaml        { by, at, value }: the section `notify`
 *     settings/files/<name>       what a value names as `settings:<name>`: secrets, calendars, timetables; mode 0600
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type DocumentProblem, InvalidDocumentError } from "./document.ts";
import { eachText, FILE_NAME, type Overlay, OWN_FILE, withPaths } from "./overlay.ts";

/** Where in `hub.yaml` each setting stands. */
export const SETTINGS = {
  site: "site",
  notify: "notify",
  calendar: "rules.calendar",
  timetable: "use.timetable",
  retention: "ingest.retention",
  backup: "backup",
} as const;
export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** What one change brings with it, and the bytes of each. */
export const SETTING_FILES_MAX = 40;
export const SETTING_FILE_BYTES_MAX = 4 * 1024 * 1024;

export interface SettingView {
  readonly name: SettingName;
  /** `console` where it was changed there. */
  readonly source: "hub.yaml" | "console";
  /** As it was written, without what is assumed where it says nothing; null for a section that is not there. */
  readonly value: unknown;
  /** Changes with the value: who writes names the one that they saw. */
  readonly version: string;
  readonly by?: string;
  /** Milliseconds since the Unix epoch. */
  readonly at?: number;
}

export interface SettingChange {
  readonly value: unknown;
  /** Texts by the name that the value has for them, `settings:<name>`. */
  readonly files?: Readonly<Record<string, string>>;
  /** The version that was seen. */
  readonly version: string;
  readonly by: string;
  /** True to be told what is wrong, and nothing else. */
  readonly check?: boolean;
}

export interface SettingProblem {
  /** Below the section; empty for the whole. */
  readonly field: string;
  /** Of a file that the value names, where it is about one. */
  readonly line?: number;
  readonly zh: string;
  readonly en: string;
}

/** `setting` is what counts from now on: nothing was written where there are problems, or only a check was asked for. */
export interface SettingAnswer {
  readonly saved: boolean;
  readonly problems: readonly SettingProblem[];
  readonly setting: SettingView;
}

/** Somebody else changed it meanwhile. */
export class SettingChangedError extends Error {
  override readonly name = "SettingChangedError";
}

const settingsFolder = (data: string): string => join(data, "settings");
const settingFile = (data: string, name: SettingName): string => join(settingsFolder(data), `${name}.yaml`);
const ownFiles = (data: string): string => join(settingsFolder(data), "files");

/** Those of a hub that were changed in its console. */
export function readSettings(data: string): readonly Overlay[] {
  return SETTING_NAMES.flatMap((name) => {
    const file = settingFile(data, name);
    if (!existsSync(file)) return [];
    return [{ at: SETTINGS[name], file, text: readFileSync(file, "utf8"), files: ownFiles(data) }];
  });
}

export interface SettingsDeskOptions {
  readonly data: string;
  /** The hub's configuration file. */
  readonly config: string;
  readonly names: readonly SettingName[];
  /** Reads the whole configuration with these overlays. Throws {@link InvalidDocumentError}. */
  readonly check: (overlays: readonly Overlay[]) => unknown;
  readonly now: () => number;
}

/** Reads, checks and writes the settings that one process answers for. */
export class SettingsDesk {
  readonly #options: SettingsDeskOptions;

  constructor(options: SettingsDeskOptions) {
    this.#options = options;
  }

  get names(): readonly SettingName[] {
    return this.#options.names;
  }

  view(name: SettingName): SettingView {
    const { config, data } = this.#options;
    const file = settingFile(data, name);
    if (existsSync(file)) {
      const text = readFileSync(file, "utf8");
      const { at, by, value = null } = parse(text) as { by: string; at: string; value?: unknown };
      return { name, source: "console", value, version: hashOf(text), by, at: Date.parse(at) };
    }
    const value = SETTINGS[name]
      .split(".")
      .reduce<unknown>((within, key) => fieldOf(within, key), parse(readFileSync(config, "utf8")));
    const shown = value ?? null;
    return { name, source: "hub.yaml", value: shown, version: hashOf(JSON.stringify(shown)) };
  }

  /** Text of a file that a value names as `settings:<name>`. Throws what `node:fs` throws. */
  file(name: string): string {
    const path = withPaths(name, ownFiles(this.#options.data));
    if (path === name)
      throw Object.assign(new Error(`${name} names no file of a setting`), { code: "ENOENT" });
    return readFileSync(String(path), "utf8");
  }

  /** Throws {@link SettingChangedError}. */
  write(name: SettingName, change: SettingChange): SettingAnswer {
    const { data, now } = this.#options;
    const { by, check = false } = change;
    if (this.view(name).version !== change.version) throw new SettingChangedError();
    const { files, value } = named(change.value, change.files ?? {});
    const folder = ownFiles(data);
    const fresh = Object.keys(files).filter((file) => !existsSync(join(folder, file)));
    for (const file of fresh) writeDurably(join(folder, file), files[file] ?? "");
    const text = stringify({ by, at: new Date(now()).toISOString(), value }, { lineWidth: 110 });
    const problems = this.#problems(name, text);
    if (problems.length > 0 || check) {
      for (const file of fresh) rmSync(join(folder, file), { force: true });
      return { saved: false, problems, setting: this.view(name) };
    }
    const header = `# Written by the console. It stands in the place of ${SETTINGS[name]} in hub.yaml, which counts again without this file.\n`;
    writeDurably(settingFile(data, name), header + text);
    this.#sweep();
    return { saved: true, problems: [], setting: this.view(name) };
  }

  /** Back to what `hub.yaml` says, where that can be. */
  reset(name: SettingName, version: string): SettingAnswer {
    if (this.view(name).version !== version) throw new SettingChangedError();
    const problems = this.#problems(name, undefined);
    if (problems.length > 0) return { saved: false, problems, setting: this.view(name) };
    rmSync(settingFile(this.#options.data, name), { force: true });
    this.#sweep();
    return { saved: true, problems: [], setting: this.view(name) };
  }

  #problems(name: SettingName, text: string | undefined): readonly SettingProblem[] {
    const { check, data } = this.#options;
    const at = SETTINGS[name];
    const others = readSettings(data).filter((overlay) => overlay.at !== at);
    const candidate = text === undefined ? [] : [{ at, file: `${name}.yaml`, text, files: ownFiles(data) }];
    try {
      check([...others, ...candidate]);
      return [];
    } catch (error) {
      if (!(error instanceof InvalidDocumentError)) throw error;
      return error.problems.map((problem) => toProblem(problem, at));
    }
  }

  /** Files that no setting names any more; a secret that was replaced is not kept. */
  #sweep(): void {
    const { data } = this.#options;
    const texts = readSettings(data).map(({ text }) => text);
    const folder = ownFiles(data);
    for (const file of existsSync(folder) ? readdirSync(folder) : [])
      if (!texts.some((text) => text.includes(OWN_FILE + file))) rmSync(join(folder, file), { force: true });
  }
}

function toProblem(
  { field, file, line, message, zh = message }: DocumentProblem,
  at: string,
): SettingProblem {
  const inside = field === at || field.startsWith(`${at}.`);
  // Of a file that the value names, a timetable for example, the line tells more than the name.
  const ofFile = field === "" && !file.endsWith(".yaml") && line > 0;
  return {
    field: inside ? field.slice(at.length + 1) : field,
    ...(ofFile ? { line } : {}),
    zh,
    en: message,
  };
}

/** Each file is named for what is in it: what is in force is not touched by what is only tried. */
function named(
  value: unknown,
  files: Readonly<Record<string, string>>,
): { readonly value: unknown; readonly files: Readonly<Record<string, string>> } {
  const names = new Map(
    Object.entries(files).map(([name, text]) => [name, `${name.slice(0, 80)}-${hashOf(text).slice(0, 8)}`]),
  );
  return {
    value: eachText(value, (text) => names.get(text) ?? text),
    files: Object.fromEntries(
      Object.entries(files).flatMap(([name, text]) => {
        const [, file] = FILE_NAME.exec(names.get(name) ?? "") ?? [];
        return file === undefined ? [] : [[file, text]];
      }),
    ),
  };
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

function writeDurably(file: string, text: string): void {
  mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
  const descriptor = openSync(`${file}.new`, "w", 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(`${file}.new`, file);
}
