/** Takes a bundle through its checks, has RAUC write it, and leaves behind what the next start has to know. */
import { lstatSync, realpathSync } from "node:fs";
import { bundleInfo, complaintOf, failureOf, lastWords, refusalOf } from "./core/bundle.ts";
import {
  type Answer,
  type Code,
  type Image,
  type Memory,
  messageOf,
  RESTART_MS,
  type Slot,
} from "./core/contract.ts";
import { readRequest, type UpdateRequest } from "./core/request.ts";
import { isBusy } from "./core/start.ts";
import type { Rauc } from "./rauc.ts";

export interface InstallerParts {
  readonly image: Image;
  /** Where bundles may lie; those of the contract unless said. */
  readonly folders?: readonly string[];
  readonly rauc: Rauc;
  /** What a slot holds; throws where that cannot be read. */
  readonly written: (slot: Slot) => Image;
  readonly memory: () => Memory;
  readonly keep: (memory: Memory) => void;
  /** ISO 8601. */
  readonly now: () => string;
  /** Whether the agent is with its broker at this moment. */
  readonly hasBroker: () => Promise<boolean>;
  /**
   * Sets a clock that nobody has set since the box started to the time after which the bundle was signed; false where the clock is known to be right.
   */
  readonly catchUp: (bundle: string) => boolean;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly restart: () => void;
}

export class Installer {
  readonly #parts: InstallerParts;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: InstallerParts) {
    this.#parts = parts;
  }

  /** What is asked by `line`; what was begun goes on after the answer. */
  ask(line: string): Answer {
    const request = readRequest(line, this.#parts.folders);
    if (request === undefined) return refused("bad-request");
    const { memory } = this.#parts;
    if (isBusy(memory().update)) return refused("busy");
    if (request.install === undefined) {
      if (memory().update.state !== "waiting") return refused("bad-request");
      this.#running = this.#restart();
      return { accepted: true };
    }
    if (!isPlainFile(request.install)) return refused("bad-request");
    // Here and not later: whoever asks next finds it busy.
    this.#tell({ state: "checking" });
    this.#running = this.#install(request.install, request);
    return { accepted: true };
  }

  /** Resolves when what was begun has ended; never rejects. */
  idle(): Promise<void> {
    return this.#running;
  }

  async #install(file: string, { restart }: UpdateRequest): Promise<void> {
    try {
      const problem = this.#check(file);
      if (problem !== undefined) return this.#tell({ state: "refused", ...problem });
      const hadBroker = await this.#parts.hasBroker();
      const into = this.#parts.memory().update.running.slot === "A" ? "B" : "A";
      this.#tell({ state: "installing", percent: 0 }, { into, hadBroker });
      const { isDone, text } = await this.#parts.rauc.install(file, (percent) =>
        this.#tell({ state: "installing", percent }),
      );
      if (!isDone) {
        const code = failureOf(text);
        return this.#tell({ state: "failed", code, message: messageOf(code, lastWords(text)) });
      }
      // Whoever may write the file may have exchanged it since: signed, and older than what runs.
      const version = this.#parts.written(into).version;
      if (version !== this.#parts.memory().update.target) {
        this.#parts.rauc.mark("bad", "other");
        const code = "bundle-exchanged";
        return this.#tell({ state: "failed", code, message: messageOf(code, version) });
      }
      this.#tell({ state: "waiting" });
      if (restart) await this.#restart();
    } catch (error) {
      // It is the one that would be started next, and nobody knows what it is.
      if (this.#parts.memory().update.state === "installing") this.#parts.rauc.mark("bad", "other");
      this.#tell({
        state: "failed",
        code: "install-failed",
        message: messageOf("install-failed", String(error)),
      });
    }
  }

  /** Undefined where it may be installed. */
  #check(file: string): { readonly code: Code; readonly message: ReturnType<typeof messageOf> } | undefined {
    const problem = (code: Code, detail = "") => ({ code, message: messageOf(code, detail) });
    const { catchUp, image, rauc } = this.#parts;
    let said = rauc.info(file);
    if (!said.isDone && complaintOf(said.text) === "not-yet-valid") {
      // A box without a clock of its own: the signature is good but for its time, or it is not good.
      if (rauc.info(file, ["--no-check-time"]).isDone && catchUp(file)) said = rauc.info(file);
    }
    if (!said.isDone) {
      const complaint = complaintOf(said.text);
      return problem(complaint === "not-yet-valid" ? "bad-signature" : complaint, lastWords(said.text));
    }
    const bundle = bundleInfo(said.text);
    const { running } = this.#parts.memory().update;
    this.#tell({ state: "checking", target: bundle.version });
    const code = refusalOf(bundle, image);
    if (code === undefined) return undefined;
    return problem(code, `${bundle.compatible} ${bundle.version} → ${image.compatible} ${running.version}`);
  }

  async #restart(): Promise<void> {
    this.#tell({ state: "restarting" });
    await this.#parts.pause(RESTART_MS);
    this.#parts.restart();
  }

  /** What `update` does not say of the bundle stays as it was, until the next one is looked at. */
  #tell(
    update: Partial<Memory["update"]> & Pick<Memory["update"], "state">,
    more: Partial<Memory> = {},
  ): void {
    const { keep, memory, now } = this.#parts;
    const { update: before, ...rest } = memory();
    const isAnew = update.state === "checking" && update.target === undefined;
    const target = isAnew || before.target === undefined ? {} : { target: before.target };
    const kept = isAnew ? {} : rest;
    keep({ ...kept, ...more, update: { running: before.running, ...target, ...update, at: now() } });
  }
}

const refused = (code: Code): Answer => ({ accepted: false, code, message: messageOf(code) });

/** No link, and in no folder that is one: by its name it is where it may be. */
function isPlainFile(path: string): boolean {
  try {
    return lstatSync(path).isFile() && realpathSync(path) === path;
  } catch {
    return false;
  }
}
