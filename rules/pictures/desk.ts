/**
 * Sees to it that alarms get their pictures: looks at the wishes that the alarms' own transactions wrote, asks ingest,
 * which asks the camera's edge box, and puts what came of it into the evidence. Everything that it knows is on the disk,
 * so it may end and begin anew at any moment.
 */

import type { PictureView } from "@campus-ops/broker/sparkplug";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Log } from "@campus-ops/service";
import type { SocketClient } from "@campus-ops/service/socket-client";
import type { AlarmPictureView, AlarmView, CameraChoice, NoPictureReason } from "../api.ts";
import { type Camera, camerasFor } from "../core/pictures/choose.ts";
import { isWorthSaying, nextStep, PICTURE_SHARED_MS, type Tried } from "../core/pictures/request.ts";
import { deadlineOf, type PictureRow, type PictureRows } from "../store/pictures.ts";

/** Wishes looked at in one turn. */
const ROWS_MAX = 50;
const ANSWER_MS_MAX = 10_000;
/** How often ingest is asked what it has settled: while something is expected, and for what comes long afterwards. */
const POLL_MS = 500;
const LATE_POLL_MS = 10_000;
const MINUTE_MS = 60_000;

export interface PictureDeskOptions {
  readonly rows: PictureRows;
  readonly alarm: (id: string) => AlarmView | undefined;
  /** Cameras of a campus, as they are now. */
  readonly cameras: (campus: string) => Iterable<Camera>;
  readonly ingest: Pick<SocketClient, "fetch">;
  /** An alarm's evidence has grown. */
  readonly onPicture?: (alarm: string) => void;
  readonly log: Log;
  readonly now: () => Timestamp;
}

export class PictureDesk {
  readonly #options: PictureDeskOptions;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isAway = false;
  #isDue = false;

  constructor(options: PictureDeskOptions) {
    this.#options = options;
    this.wake();
  }

  /** There may be something new to ask for. */
  wake(): void {
    if (this.#stopping.signal.aborted || this.#isDue) return;
    clearTimeout(this.#timer);
    this.#isDue = true;
    this.#running = this.#running.then(() => this.#turn());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** Never rejects. */
  async #turn(): Promise<void> {
    const { log, now, rows } = this.#options;
    this.#isDue = false;
    if (this.#stopping.signal.aborted) return;
    try {
      await this.#collect();
      for (const row of rows.due(now(), ROWS_MAX)) await this.#look(row);
      if (this.#isAway) log.info("pictures are asked for again");
      this.#isAway = false;
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      // Ingest is away, or the disk is full: what is wanted stays wanted.
      if (!this.#isAway) log.warn({ err: error }, "no picture can be asked for or kept now; trying again");
      this.#isAway = true;
    }
    if (this.#stopping.signal.aborted) return;
    clearTimeout(this.#timer);
    const wait_ms = rows.nextDue() === undefined ? LATE_POLL_MS : POLL_MS;
    this.#timer = setTimeout(() => this.wake(), wait_ms);
  }

  async #look(row: PictureRow): Promise<void> {
    const { alarm: find, cameras, now, rows } = this.#options;
    const at = now();
    if (row.view.state === "asked") {
      if (at >= deadlineOf(row.wish)) this.#none(row, { reason: "no-answer" });
      // Asked once more: the request may have been lost with a connection. What is on its way is not taken twice.
      else if (row.request !== undefined) await this.#ask(row, row.request, row.view.why ?? "same-place", at);
      return;
    }
    const alarm = find(row.alarm);
    const known = alarm === undefined ? [] : [...cameras(alarm.device.campus)];
    const near = alarm === undefined ? [] : camerasFor(alarm.device, known);
    const withClips = near.filter(({ camera }) => camera.clips === true);
    const { after_ms, kind } = row.view;
    if (kind === "snapshot" && after_ms === 0 && !row.wish.late && withClips.length > 0) rows.wantClip(row);
    const step = nextStep(row.wish, {
      now: at,
      kind,
      cameras: kind === "clip" ? withClips : near,
      shared: (camera) => rows.requestSince(camera, kind, at - PICTURE_SHARED_MS),
      askedLately: rows.askedSince(kind, at - MINUTE_MS),
    });
    switch (step.kind) {
      case "wait":
        rows.record([{ ...row, wish: { ...row.wish, tried: [] }, due: step.until }]);
        return;
      case "none": {
        const { camera, kind: _, ...why } = step;
        this.#none({ ...row, view: { ...row.view, ...cameraOf(known, camera) } }, why);
        return;
      }
      case "share": {
        const [other] = rows.ofRequest(step.request);
        const shared = { ...row, request: step.request, askedAt: other?.askedAt ?? at };
        const view = { ...row.view, ...cameraOf(known, step.camera), why: step.why };
        if (other?.view.state === "taken")
          this.#settle(shared, { ...view, ...pictureOf(other.view), state: "taken" });
        else rows.record([{ ...shared, view: { ...view, state: "asked" }, due: deadlineOf(row.wish) }]);
        return;
      }
      case "ask": {
        const request = `${row.view.id}.${step.camera.split("/").at(-1) ?? ""}`;
        const view = { ...row.view, ...cameraOf(known, step.camera) };
        await this.#ask({ ...row, view }, request, step.why, at);
      }
    }
  }

  async #ask(row: PictureRow, request: string, why: CameraChoice, at: Timestamp): Promise<void> {
    const { ingest, rows } = this.#options;
    const { camera, kind } = row.view;
    const response = await ingest.fetch(`/pictures/${request}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ device: camera?.key, kind, at: row.wish.raisedAt }),
      signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    });
    if (!response.ok) {
      // 404: ingest has never heard of that camera.
      await response.body?.cancel();
      if (response.status !== 404) throw new Error(`ingest answers ${response.status}`);
      this.#tried(
        { ...row, view: { ...row.view, why } },
        { reason: "unsupported", detail: "no such camera" },
      );
      return;
    }
    const answer = (await response.json()) as PictureView;
    const asked: PictureRow = {
      ...row,
      request,
      askedAt: row.askedAt ?? at,
      view: { ...row.view, why, state: "asked" },
      due: Math.min(at + ASK_AGAIN_MS, deadlineOf(row.wish)),
    };
    if (answer.state === "refused") this.#tried(asked, refusalOf(answer));
    else if (answer.state === "taken")
      this.#settle(asked, { ...asked.view, ...pictureOf(answer), state: "taken" });
    else rows.record([asked]);
  }

  /** What ingest has settled since the last look. */
  async #collect(): Promise<void> {
    const { ingest, rows } = this.#options;
    for (;;) {
      const response = await ingest.fetch(`/pictures?after=${rows.cursor}`, {
        signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
      });
      if (!response.ok) throw new Error(`ingest answers ${response.status}`);
      const settled = (await response.json()) as readonly PictureView[];
      for (const each of settled) this.#settled(each);
      if (settled.length === 0) return;
    }
  }

  #settled(picture: PictureView): void {
    const { onPicture, rows } = this.#options;
    const changed = rows.ofRequest(picture.id).flatMap((row): PictureRow[] => {
      if (picture.state === "taken" && row.view.state !== "taken") {
        return [withoutDue({ ...row, view: takenView(row.view, picture) })];
      }
      return picture.state === "refused" && row.view.state === "asked"
        ? [triedNext(row, refusalOf(picture))]
        : [];
    });
    rows.record(changed, picture.settled);
    for (const { alarm, view } of changed) if (view.state === "taken") onPicture?.(alarm);
  }

  #tried(row: PictureRow, tried: Omit<Tried, "camera">): void {
    this.#options.rows.record([triedNext(row, tried)]);
  }

  #none(row: PictureRow, why: Partial<AlarmPictureView> & { readonly reason: NoPictureReason }): void {
    const { now, rows } = this.#options;
    if (!isWorthSaying(row.view, why.reason)) rows.drop(row.view.id);
    else this.#settle(row, { ...row.view, ...why, state: "none", settledAt: now() });
  }

  #settle(row: PictureRow, view: AlarmPictureView): void {
    const { now, onPicture, rows } = this.#options;
    rows.record([withoutDue({ ...row, view: { ...view, settledAt: view.settledAt ?? now() } })]);
    onPicture?.(row.alarm);
  }
}

/** An answer that is missing is asked for again after so long. */
export const ASK_AGAIN_MS = 15_000;

function withoutDue({ due: _, ...row }: PictureRow): PictureRow {
  return row;
}

/** The next camera is looked for at once. */
function triedNext(row: PictureRow, tried: Omit<Tried, "camera">): PictureRow {
  const { askedAt: _1, request: _2, ...rest } = row;
  const { camera, ...view } = row.view;
  const all = [...row.wish.tried, { camera: camera?.key ?? "", ...tried }];
  return { ...rest, view: { ...view, state: "wanted" }, wish: { ...row.wish, tried: all }, due: 0 };
}

function takenView(view: AlarmPictureView, picture: PictureView): AlarmPictureView {
  const { detail: _1, reason: _2, since: _3, ...rest } = view;
  const settledAt = picture.settledAt === undefined ? {} : { settledAt: picture.settledAt };
  return { ...rest, ...pictureOf(picture), ...settledAt, state: "taken" };
}

function pictureOf({
  bytes,
  contentType,
  recorder,
  sha256,
  takenAt,
}: Pick<
  PictureView,
  "bytes" | "contentType" | "recorder" | "sha256" | "takenAt"
>): Partial<AlarmPictureView> {
  return {
    ...(recorder === undefined ? {} : { recorder }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(takenAt === undefined ? {} : { takenAt }),
  };
}

function refusalOf({ detail, reason, since }: PictureView): Omit<Tried, "camera"> {
  return {
    reason: reason ?? "failed",
    ...(detail === undefined ? {} : { detail }),
    ...(since === undefined ? {} : { since }),
  };
}

function cameraOf(known: readonly Camera[], key: string | undefined): Pick<AlarmPictureView, "camera"> {
  const found = known.find((each) => each.key === key);
  return found === undefined ? {} : { camera: { key: found.key, title: found.title, path: found.path } };
}
