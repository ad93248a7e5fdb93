/**
 * Certificates that are good no more, in a file that the broker watches: a serial number a line, lower-case hex, and after
 * `#` why. A change takes effect at once, on clients that are connected as well.
 *
 * The file is written by `campus-ops enrol`, by the enrolment process, and by the broker itself when it finds one certificate
 * on two machines. A line that cannot be read is told of and does not take the others with it; a file that cannot be read
 * leaves in force what was in it before.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  watch,
  writeFileSync,
} from "node:fs";
import { basename, dirname } from "node:path";

/** Serial numbers; boxes that were ever locked out and whose certificates have not ended long ago. */
export const DENIED_MAX = 100_000;
/** Beside being told of changes: file systems that tell nothing are looked at so often. */
const LOOK_MS = 5_000;
const SERIAL = /^[0-9a-f]{2,40}$/;

export interface DenyListContents {
  readonly serials: ReadonlySet<string>;
  /** Numbers of the lines that say nothing the broker understands, from 1. */
  readonly unreadable: readonly number[];
}

export function parseDenyList(text: string): DenyListContents {
  const serials = new Set<string>();
  const unreadable: number[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const serial = line.split("#")[0]?.replaceAll(/[\s:]/g, "").toLowerCase() ?? "";
    if (serial === "") continue;
    if (SERIAL.test(serial) && serials.size < DENIED_MAX) serials.add(serial);
    else unreadable.push(index + 1);
  }
  return { serials, unreadable };
}

/** Adds serials to a file, which is made when it is not there. One write, so that two writers do not mix their lines. */
export function denyCertificates(file: string, serials: readonly string[], why: string): void {
  if (serials.length === 0) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const reason = why.replaceAll(/[\r\n#]/g, " ");
  const cut = existsSync(file) && !readFileSync(file, "utf8").endsWith("\n") && statSync(file).size > 0;
  const lines = serials.map((serial) => `${serial}  # ${new Date().toISOString()} ${reason}\n`).join("");
  appendFileSync(file, `${cut ? "\n" : ""}${lines}`, { mode: 0o600 });
}

/** What the broker writes beside a certificate that it found on two machines. */
export const TWIN_REASON = "found on two machines";

/** Serials that were denied for a reason. */
export function deniedFor(text: string, reason: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const at = line.indexOf("#");
    return at > 0 && line.slice(at).includes(reason) ? [...parseDenyList(line).serials] : [];
  });
}

/**
 * Takes serials that were found on two machines off the list; whoever is on it for another reason stays. If both machines
 * still run, the broker finds them again.
 */
export function admitCertificates(file: string, serials: readonly string[]): void {
  const admitted = new Set(serials);
  const lines = readFileSync(file, "utf8").split("\n");
  const kept = lines.filter((line) => !deniedFor(line, TWIN_REASON).some((serial) => admitted.has(serial)));
  writeFileSync(`${file}.new`, kept.join("\n"), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export interface DenyListOptions {
  readonly file: string;
  readonly onChange: (contents: DenyListContents) => void;
  /** The file is there and cannot be read. */
  readonly onTrouble: (error: Error) => void;
}

export class DenyList {
  readonly #options: DenyListOptions;
  readonly #close: () => void;
  #text = "";
  #contents: DenyListContents = { serials: new Set(), unreadable: [] };

  constructor(options: DenyListOptions) {
    this.#options = options;
    const folder = dirname(options.file);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.look();
    const name = basename(options.file);
    // The folder and not the file: editors put a new file in the old one's place.
    const watcher = watch(folder, (_, changed) => {
      if (changed === null || changed === name) this.look();
    });
    watcher.on("error", options.onTrouble);
    const timer = setInterval(() => this.look(), LOOK_MS);
    timer.unref();
    this.#close = () => {
      watcher.close();
      clearInterval(timer);
    };
  }

  has(serial: string): boolean {
    return this.#contents.serials.has(serial);
  }

  /** Adds one, in force from now on even when the disk does not take it. */
  add(serial: string, why: string): void {
    const serials = new Set([...this.#contents.serials, serial]);
    this.#contents = { ...this.#contents, serials };
    try {
      denyCertificates(this.#options.file, [serial], why);
    } catch (error) {
      this.#options.onTrouble(error as Error);
    }
  }

  look(): void {
    let text = "";
    try {
      text = readFileSync(this.#options.file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
        this.#options.onTrouble(error as Error);
        return;
      }
    }
    if (text === this.#text) return;
    this.#text = text;
    this.#contents = parseDenyList(text);
    this.#options.onChange(this.#contents);
  }

  close(): void {
    this.#close();
  }
}
