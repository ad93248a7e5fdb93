/** Makes a backup each night, tells the hub how that went, and remembers it over restarts. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import { type Log, OperatorError } from "@campus-ops/service";
import type { SocketClient } from "@campus-ops/service/socket-client";
import type { BackupResult } from "./backup.ts";
import { type LastBackup, nextBackup } from "./schedule.ts";

/** The schedule is looked at, and the hub told, so often. */
const TURN_MS = 30_000;
const ANSWER_MS_MAX = 10_000;

const TITLE: LocalText = { zh: "备份", en: "Backup" };

export interface KeeperOptions {
  /** Where it is remembered how the last ones went. */
  readonly file: string;
  readonly minute: number;
  /** What local time is ahead of UTC at a moment, in milliseconds. */
  readonly offset_ms: (at: number) => number;
  readonly now: () => number;
  readonly ingest: SocketClient;
  readonly log: Log;
  readonly backUp: (signal: AbortSignal) => Promise<BackupResult>;
}

interface Memory {
  readonly provenAt?: number;
  readonly failedAt?: number;
  /** Why the last one failed. */
  readonly reason?: string;
}

export class BackupKeeper {
  readonly #options: KeeperOptions;
  readonly #stopping = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #memory: Memory;
  #running: Promise<BackupResult> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#memory = remembered(options.file);
    this.#timer = setInterval(() => this.#turn(), TURN_MS);
    this.#turn();
  }

  get last(): LastBackup & { readonly reason: string | undefined } {
    const { failedAt, provenAt, reason } = this.#memory;
    return { failedAt, provenAt, reason };
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  /** Makes one of the hub as it is now: one that is being made already was begun earlier, and is waited for. */
  run(): Promise<BackupResult> {
    const before = this.#running ?? Promise.resolve();
    const mine = before.then(
      () => this.#make(),
      () => this.#make(),
    );
    const ended = (): void => {
      if (this.#running === mine) this.#running = undefined;
    };
    this.#running = mine;
    mine.then(ended, ended);
    return mine;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#running?.catch(() => undefined);
  }

  #turn(): void {
    const { minute, now, offset_ms } = this.#options;
    const at = now();
    void this.#tell();
    // What goes wrong is in the log, in the memory and with the hub.
    const isDue = this.#running === undefined && nextBackup(this.last, minute, offset_ms(at), at) <= at;
    if (isDue) void this.run().catch(() => undefined);
  }

  async #make(): Promise<BackupResult> {
    const { backUp, log, now } = this.#options;
    const at = now();
    try {
      const result = await backUp(this.#stopping.signal);
      const { bytes, name, proof, removed } = result;
      this.#remember({ provenAt: at });
      log.info(
        { name, bytes, entries: proof.entries, databases: proof.databases, removed, ms: now() - at },
        "a backup was made, fetched again, restored into an empty folder and found whole",
      );
      return result;
    } catch (error) {
      if (this.#stopping.signal.aborted) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      const { provenAt } = this.#memory;
      this.#remember({ ...(provenAt === undefined ? {} : { provenAt }), failedAt: now(), reason });
      const detail = error instanceof OperatorError ? {} : { err: error };
      log.error(detail, `no backup was made: ${reason}. Earlier ones are as they were; it is tried again`);
      throw error;
    } finally {
      await this.#tell();
    }
  }

  #remember(memory: Memory): void {
    this.#memory = memory;
    const { file, log } = this.#options;
    try {
      writeFileSync(`${file}.new`, JSON.stringify(memory), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (error) {
      log.warn({ err: error }, "how the backup went could not be written down");
    }
  }

  /** The hub may have been away, and forgets: it is told at every turn. */
  async #tell(): Promise<void> {
    const { failedAt, reason = "" } = this.#memory;
    const why: LocalText = {
      zh: `未能完成备份（${reason}）。之前的备份不受影响，稍后自动重试；请检查备份目的地和磁盘空间`,
      en: `No backup could be made (${reason}). Earlier ones are as they were, and it is tried again; look after the place they go to and the room on the disk`,
    };
    const working = failedAt === undefined;
    try {
      const { body } = await this.#options.ingest.fetch("/services/backup", {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ title: TITLE, working, ...(working ? {} : { reason: why }) }),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      await body?.cancel();
    } catch {
      // Ingest is away; it is told at the next turn.
    }
  }
}

function remembered(file: string): Memory {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Memory;
  } catch {
    // Never written, or not readable: a backup is due.
    return {};
  }
}
