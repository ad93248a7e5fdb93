/**
 * The rules in force, read again when one of their files changes. What cannot be read changes nothing: the rules that
 * were in force stay, and the problem is told with file, line and field until it is mended.
 */
import { type FSWatcher, mkdirSync, watch } from "node:fs";
import { dirname } from "node:path";
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { formatProblem, InvalidDocumentError, type Log } from "@campus-ops/service";
import type { PacksView } from "../api.ts";
import type { Rule } from "../core/rule.ts";

/** An editor writes a file in several steps; they are one change. */
const SETTLE_MS = 200;

export interface LivePacksOptions {
  /** Reads all packs anew. Throws {@link InvalidDocumentError}. */
  readonly load: () => { readonly rules: readonly Rule[]; readonly files: readonly string[] };
  /** The hub's own folder of packs; made when it is missing. */
  readonly folder: string;
  readonly onRules: (rules: readonly Rule[]) => void;
  readonly log: Log;
  readonly now: () => Timestamp;
}

export class LivePacks {
  readonly #options: LivePacksOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #settling: NodeJS.Timeout | undefined;
  #rules: readonly Rule[];
  #files: readonly string[];
  #loadedAt: Timestamp;
  #problems: readonly LocalText[] = [];

  /** `rules`: those that were loaded at the start. */
  constructor(options: LivePacksOptions, rules: readonly Rule[], files: readonly string[]) {
    this.#options = options;
    this.#rules = rules;
    this.#files = files;
    this.#loadedAt = options.now();
    mkdirSync(options.folder, { recursive: true });
    this.#watch(files);
  }

  get rules(): readonly Rule[] {
    return this.#rules;
  }

  /** Where they stand. */
  get files(): readonly string[] {
    return this.#files;
  }

  get folder(): string {
    return this.#options.folder;
  }

  view(): PacksView {
    const counts = new Map<string, number>();
    for (const { pack } of this.#rules) counts.set(pack, (counts.get(pack) ?? 0) + 1);
    return {
      folder: this.#options.folder,
      loadedAt: this.#loadedAt,
      packs: [...counts].map(([pack, rules]) => ({ pack, rules })),
      problems: this.#problems,
    };
  }

  /** Reads everything again now. Answers with what is wrong; then nothing has changed. */
  reload(): readonly LocalText[] {
    const { load, onRules, log, now } = this.#options;
    try {
      const { rules, files } = load();
      onRules(rules);
      this.#rules = rules;
      this.#files = files;
      this.#loadedAt = now();
      this.#problems = [];
      this.#watch(files);
      log.info({ rules: rules.length }, "rule packs were read again and are in force");
    } catch (error) {
      if (!(error instanceof InvalidDocumentError)) throw error;
      this.#problems = error.problems.map(
        (problem): LocalText => ({ zh: formatProblem(problem, "zh"), en: formatProblem(problem, "en") }),
      );
      log.error(
        { problems: this.#problems.map(({ en }) => en) },
        "a rule pack is wrong; the rules that were in force stay in force until it is mended",
      );
    }
    return this.#problems;
  }

  close(): void {
    clearTimeout(this.#settling);
    for (const watcher of this.#watchers.values()) watcher.close();
  }

  /** Folders are watched, not files: an editor replaces a file by another of the same name. */
  #watch(files: readonly string[]): void {
    const folders = new Set([this.#options.folder, ...files.map((file) => dirname(file))]);
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, (_event, name) => {
          if (name?.endsWith(".yaml") === true) this.#changed();
        });
        watcher.on("error", (error) => this.#unwatched(folder, error));
        this.#watchers.set(folder, watcher);
      } catch (error) {
        this.#unwatched(folder, error);
      }
    }
  }

  #unwatched(folder: string, error: unknown): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
    this.#options.log.warn(
      { folder, err: error },
      "changes of rule packs in this folder go unnoticed; have them read by POST /packs/reload",
    );
  }

  #changed(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.reload(), SETTLE_MS);
  }
}
