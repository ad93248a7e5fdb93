/**
 * Packs of a hub's own, as its people edit them: files of its folder, each written whole or not at all, never before the
 * whole set of rules has been read with it, and every version kept.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type DocumentProblem, InvalidDocumentError, Problem } from "@campus-ops/service";
import type { OwnPackDetail, OwnPackView, PackProblem, PackVersionView } from "../api.ts";
import { packsIn } from "./load.ts";

export const PACK_CHARACTERS_MAX = 400_000;
export const OWN_PACKS_MAX = 100;
/** Kept of one pack; the oldest give way. */
export const VERSIONS_MAX = 50;

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _-]{0,99}$/u;
/** In front of what was there before anybody wrote it here. */
const BY_HAND = "";

export interface OwnPacksOptions {
  readonly folder: string;
  /** Reads every pack with one of the folder's exchanged, or left out. Throws {@link InvalidDocumentError}. */
  readonly load: (instead: { readonly file: string; readonly text?: string }) => unknown;
  /** What is in the folder now comes into force. */
  readonly reload: () => unknown;
  readonly now: () => Timestamp;
}

interface Version {
  readonly at: Timestamp;
  readonly by: string;
  readonly text: string;
}

export class OwnPacks {
  readonly #options: OwnPacksOptions;

  constructor(options: OwnPacksOptions) {
    this.#options = options;
  }

  list(): readonly OwnPackView[] {
    return packsIn(this.#options.folder).map((file) => {
      const name = file.slice(this.#options.folder.length + 1, -".yaml".length);
      return { name, changedAt: Math.round(statSync(file).mtimeMs), editable: NAME.test(name) };
    });
  }

  get(name: string): OwnPackDetail {
    const text = this.#read(name);
    if (text === undefined) throw noSuchPack(name);
    const versions = this.#versions(name).map(({ at, by }): PackVersionView => ({ at, by }));
    return { name, text, versions };
  }

  /** A version that was written here once, also of a pack that was removed. */
  version(name: string, at: Timestamp): string {
    const found = this.#versions(name).find((each) => each.at === at);
    if (found === undefined)
      throw new Problem(
        404,
        "No such version",
        `${name} has no version of ${at}`,
        `${name} 没有这个版本（${at}）`,
      );
    return found.text;
  }

  /** What is wrong with a text in the place of this pack; nothing when it could come into force. */
  check(name: string, text: string): readonly PackProblem[] {
    const file = this.#file(name);
    try {
      this.#options.load({ file, text });
      return [];
    } catch (error) {
      if (!(error instanceof InvalidDocumentError)) throw error;
      return error.problems.map((problem) => toldOf(problem, file));
    }
  }

  /** Throws a {@link Problem} with every problem by line, and nothing has changed. */
  write(name: string, text: string, by: string): OwnPackDetail {
    const file = this.#file(name);
    if (!existsSync(file) && this.list().length >= OWN_PACKS_MAX)
      throw new Problem(
        409,
        "Too many packs",
        `the hub keeps at most ${OWN_PACKS_MAX} packs of its own`,
        `本平台自己的规则包最多 ${OWN_PACKS_MAX} 个`,
      );
    refuse(this.check(name, text));
    this.#keep(name, { at: this.#options.now(), by, text });
    replace(file, text);
    this.#options.reload();
    return this.get(name);
  }

  /** Its versions stay. Refused where another rule looks at its alarms. */
  remove(name: string): void {
    const file = this.#file(name);
    const text = this.#read(name);
    if (text === undefined) throw noSuchPack(name);
    try {
      this.#options.load({ file });
    } catch (error) {
      if (!(error instanceof InvalidDocumentError)) throw error;
      refuse(error.problems.map((problem) => toldOf(problem, file)));
    }
    this.#keepByHand(name, text);
    rmSync(file);
    this.#options.reload();
  }

  #file(name: string): string {
    if (!NAME.test(name))
      throw new Problem(
        400,
        "Bad request",
        "a pack's name has letters, digits, spaces, _ and - only",
        "规则包的名称只能有字母、数字、空格、_ 和 -",
      );
    return join(this.#options.folder, `${name}.yaml`);
  }

  #read(name: string): string | undefined {
    const file = this.#file(name);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  #keep(name: string, version: Version): void {
    const before = this.#read(name);
    if (before !== undefined) this.#keepByHand(name, before);
    this.#store(name, version);
  }

  /** What somebody put into the folder by other means is a version, too. */
  #keepByHand(name: string, text: string): void {
    if (this.#versions(name)[0]?.text === text) return;
    const at = Math.round(statSync(this.#file(name)).mtimeMs);
    this.#store(name, { at, by: BY_HAND, text });
  }

  #store(name: string, version: Version): void {
    const folder = this.#versionsFolder(name);
    mkdirSync(folder, { recursive: true });
    replace(join(folder, `${version.at}.json`), JSON.stringify(version));
    for (const { at } of this.#versions(name).slice(VERSIONS_MAX)) rmSync(join(folder, `${at}.json`));
  }

  /** The newest first. */
  #versions(name: string): readonly Version[] {
    this.#file(name);
    const folder = this.#versionsFolder(name);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((each) => /^\d+\.json$/.test(each))
      .map((each) => JSON.parse(readFileSync(join(folder, each), "utf8")) as Version)
      .sort((a, b) => b.at - a.at);
  }

  #versionsFolder(name: string): string {
    return join(this.#options.folder, ".versions", name);
  }
}

/** Whole or not at all, whatever happens to the machine meanwhile. */
function replace(file: string, text: string): void {
  const half = `${file}.half`;
  writeFileSync(half, text, { flush: true });
  renameSync(half, file);
}

function refuse(problems: readonly PackProblem[]): void {
  if (problems.length === 0) return;
  const lines = problems.map(({ line, field, en }) => `line ${line}: ${field}: ${en}`);
  const zh = problems.map(({ line, field, zh: said }) => `第 ${line} 行：${field}：${said}`);
  throw new Problem(400, "The rule pack is wrong", lines.join("\n"), zh.join("\n"));
}

/** A problem of another file is told with its name. */
function toldOf({ file, line, field, message: en, zh }: DocumentProblem, own: string): PackProblem {
  if (file === own) return { line, field, en, zh };
  const place = `${basename(file)}:${line}`;
  return { line: 0, field, en: `${place}: ${en}`, zh: `${place}：${zh}` };
}

const noSuchPack = (name: string): Problem =>
  new Problem(
    404,
    "No such pack",
    `the hub has no pack ${name} of its own`,
    `本平台没有自己的规则包 ${name}`,
  );
