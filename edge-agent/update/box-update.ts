/**
 * An update of this box: the hub names a bundle, the box fetches it, has its update service install it, and tells how it goes.
 * What it is at is in a file, so that it goes on after any restart, its own or the machine's.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { LocalText, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { checkDocument, InvalidDocumentError, type Log } from "@campus-ops/service/process";
import { backoff_ms, type Random } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import {
  isBusy,
  isFileFree,
  type JobPhase,
  type KnownJob,
  outcomeOf,
  type ServiceStatus,
  type ShownUpdate,
  shownUpdate,
  type UpdateJob,
} from "../core/update.ts";
import { writeDurably } from "../enrolment/identity-files.ts";
import type { CommandOutcome } from "../supervisor/carry-out.ts";
import { type BundleSource, discardBundle, fetchBundle, fetchedBytes } from "./fetch-bundle.ts";
import { askForInstallation, statusOf, type UpdatePlaces } from "./update-service.ts";

export const BUNDLE_BYTES_MAX = 2 * 1024 ** 3;
/** Left free for the outbox while a bundle is fetched. */
const FREE_BYTES_MIN = 256 * 1024 ** 2;
/** How often it is looked how an installation goes. */
export const LOOK_MS = 2_000;
/** Bundles that came in damaged are fetched so often in all. */
const DAMAGED_MAX = 2;
/** The service may just be starting; after so many tries it is not there. */
const HAND_OVERS_MAX = 10;

const JOB_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["job", "sha256", "bytes", "version"],
  properties: {
    job: { type: "string", pattern: "^[\\w.-]{1,64}$" },
    sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
    bytes: { type: "integer", minimum: 1, maximum: BUNDLE_BYTES_MAX },
    version: { type: "string", minLength: 1, maxLength: 100 },
    until: { type: "integer", minimum: 0 },
  },
} as const;

const REASONS = {
  cancelled: { zh: "平台已取消", en: "the hub called it off" },
  late: { zh: "放学时间已过，下次再装", en: "school begins; it is installed another time" },
  damaged: { zh: "下载的更新包与平台上的不一致", en: "what was fetched is not what the hub has" },
  room: { zh: "盒子磁盘空间不足，放不下更新包", en: "the disk of the box has no room for the bundle" },
} as const satisfies Record<string, LocalText>;

export interface BoxUpdateOptions {
  readonly places: UpdatePlaces;
  /** Of its own: the bundle, and what is known of the job. */
  readonly folder: string;
  readonly source: BundleSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Told of the values of `Update/…` when one of them has changed: each time is a commit of the outbox. */
  readonly onShown: (shown: ShownUpdate) => void;
  /** {@link LOOK_MS} unless said. */
  readonly look_ms?: number;
}

const confirmed: CommandOutcome = { state: "confirmed", detail: "" };
const refused = (detail: string): CommandOutcome => ({ state: "refused", detail });

export class BoxUpdate {
  readonly #options: BoxUpdateOptions;
  readonly #stopping = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #known: KnownJob | undefined;
  #shown: ShownUpdate | undefined;
  #fetching: { readonly leaving: AbortController; readonly over: Promise<void> } | undefined;

  constructor(options: BoxUpdateOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.#known = this.#read();
    const { at } = statusOf(options.places) ?? {};
    // It was cut off before the service had heard of it.
    if (this.#known?.phase.kind === "handed-over" && this.#known.phase.since === at)
      this.#known = { ...this.#known, phase: { kind: "fetching" } };
    this.#tidy();
    this.look();
    this.#timer = setInterval(() => this.look(), options.look_ms ?? LOOK_MS);
    if (this.#known?.phase.kind === "fetching") this.#begin(this.#known.job);
  }

  /** Carries out a write to `Update/Install`. Never rejects. */
  async write(value: SampleValue): Promise<CommandOutcome> {
    if (typeof value !== "string") return refused("must be a text");
    if (value === "") return await this.#leave();
    let job: UpdateJob;
    try {
      job = checkDocument<UpdateJob>("update", value, JOB_SCHEMA).value;
    } catch (error) {
      if (error instanceof InvalidDocumentError) return refused(error.message);
      throw error;
    }
    this.look();
    if (this.#known?.job.job === job.job) return confirmed;
    if (this.#known !== undefined && isBusy(this.#known, statusOf(this.#options.places)))
      return refused("another update is being installed");
    await this.#leave();
    this.#options.log.info({ ...job }, "the hub has this box fetch an update");
    this.#keep({ job, phase: { kind: "fetching" } });
    this.#tidy();
    this.#begin(job);
    return confirmed;
  }

  /** Compares what is known with what the service says, and tells. */
  look(): void {
    const status = statusOf(this.#options.places);
    const outcome = this.#known === undefined ? undefined : outcomeOf(this.#known, status);
    if (this.#known !== undefined && outcome !== undefined) {
      this.#options.log.info(
        { job: this.#known.job.job, ...outcome },
        "an update of this box has come to its end",
      );
      this.#keep({ job: this.#known.job, phase: outcome });
    }
    if (this.#known !== undefined && isFileFree(this.#known, status))
      discardBundle(this.#file(this.#known.job));
    this.#show(status);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#fetching?.over;
  }

  async #leave(): Promise<CommandOutcome> {
    if (this.#fetching === undefined) return refused("nothing is being fetched");
    this.#fetching.leaving.abort();
    await this.#fetching.over;
    // What was fetched stays: the hub may want it after all.
    if (this.#known?.phase.kind === "fetching") this.#end("cancelled", REASONS.cancelled);
    return confirmed;
  }

  #begin(job: UpdateJob): void {
    const leaving = new AbortController();
    const signal = AbortSignal.any([leaving.signal, this.#stopping.signal]);
    const over = this.#carryOut(job, signal)
      .catch((error: unknown) => {
        this.#options.log.error({ err: error }, "an update cannot be carried out");
        const message = error instanceof Error ? error.message : String(error);
        this.#end("failed", { zh: message, en: message });
      })
      .finally(() => {
        this.#fetching = undefined;
      });
    this.#fetching = { leaving, over };
  }

  async #carryOut(job: UpdateJob, signal: AbortSignal): Promise<void> {
    const { clock, folder, log, source } = this.#options;
    const file = this.#file(job);
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < job.bytes - fetchedBytes(file) + FREE_BYTES_MIN)
      return this.#end("failed", REASONS.room);
    const isLate = (): boolean => job.until !== undefined && clock.instant().wall >= job.until;
    for (let [failures, damaged] = [0, 0]; ; ) {
      if (isLate()) return this.#end("cancelled", REASONS.late);
      const result = await fetchBundle(source, job, file, signal);
      if (signal.aborted) return;
      if (result.kind === "whole") break;
      if (result.kind === "withdrawn") return this.#end("cancelled", REASONS.cancelled);
      if (result.kind === "damaged") {
        damaged += 1;
        if (damaged >= DAMAGED_MAX) return this.#end("failed", REASONS.damaged);
        continue;
      }
      failures += 1;
      const wait_ms = result.wait_ms ?? backoff_ms(failures, this.#options.random);
      log.warn(
        { why: result.why, wait_ms: Math.round(wait_ms) },
        "an update is not here yet; what is fetched stays",
      );
      await this.#wait(wait_ms, signal);
      if (signal.aborted) return;
    }
    if (isLate()) return this.#end("cancelled", REASONS.late);
    await this.#handOver(job, file, signal);
  }

  async #handOver(job: UpdateJob, file: string, signal: AbortSignal): Promise<void> {
    const { places } = this.#options;
    for (let tries = 1; ; tries += 1) {
      // Before it is asked: a crash in between finds a job that waits for news, and the hub tells it again.
      const since = statusOf(places)?.at ?? "";
      this.#keep({ job, phase: { kind: "handed-over", since } });
      let reason: LocalText;
      try {
        const answer = await askForInstallation(places, file);
        if (answer.accepted) return;
        reason = answer.message;
        if (answer.code !== "busy") return this.#end("refused", reason);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        reason = { zh: `更新服务没有应答：${message}`, en: `the update service does not answer: ${message}` };
      }
      this.#keep({ job, phase: { kind: "fetching" } });
      if (tries >= HAND_OVERS_MAX) return this.#end("failed", reason);
      await this.#wait(backoff_ms(tries, this.#options.random), signal);
      if (signal.aborted) return;
    }
  }

  #end(state: string, reason: LocalText): void {
    const job = this.#known?.job;
    if (job !== undefined) this.#keep({ job, phase: { kind: "over", state, reason } satisfies JobPhase });
    this.look();
  }

  #keep(known: KnownJob): void {
    this.#known = known;
    writeDurably(this.#jobFile, `${JSON.stringify(known)}\n`);
    this.#show(statusOf(this.#options.places));
  }

  #show(status: ServiceStatus | undefined): void {
    const fetched = this.#known === undefined ? 0 : fetchedBytes(this.#file(this.#known.job));
    const shown = shownUpdate(this.#known, fetched, status);
    if (isDeepStrictEqual(shown, this.#shown)) return;
    this.#shown = shown;
    this.#options.onShown(shown);
  }

  #read(): KnownJob | undefined {
    try {
      // Written by this program alone.
      return JSON.parse(readFileSync(this.#jobFile, "utf8")) as KnownJob;
    } catch {
      return undefined;
    }
  }

  /** Bundles of other jobs are not needed any more. */
  #tidy(): void {
    const { folder } = this.#options;
    const own = this.#known?.job.sha256;
    for (const name of readdirSync(folder))
      if (/\.raucb(\.part)?$/.test(name) && (own === undefined || !name.startsWith(own)))
        rmSync(join(folder, name));
  }

  get #jobFile(): string {
    return join(this.#options.folder, "job.json");
  }

  #file({ sha256 }: UpdateJob): string {
    return join(this.#options.folder, `${sha256}.raucb`);
  }

  #wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener("abort", done, { once: true });
      if (signal.aborted) done();
    });
  }
}
