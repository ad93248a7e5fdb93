/**
 * Takes the pictures that the hub asks for and hands them to the outbox, cut into parts: from there they travel, survive
 * and are acknowledged like everything else, behind everything else. An answer is given in any case; why there is no
 * picture is an answer.
 *
 * The hub asks again when it hears nothing. A request that is in hand, or whose picture lies in the outbox, is not
 * taken twice; after a restart it may be, and the hub keeps the first that is whole.
 */
import { createHash } from "node:crypto";
import {
  PICTURE_FORMATS,
  type PictureKind,
  type PictureRequest,
  partMetric,
  partsOf,
  refusalMetric,
} from "@campus-ops/broker/sparkplug";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Log } from "@campus-ops/service/process";
import { RecentIds } from "../core/recent-ids.ts";
import type { NewRecord } from "../outbox/record.ts";
import type { PictureTaken } from "../supervisor/supervisor.ts";

/** Requests in hand at once; more are answered with `full`. */
export const PICTURES_IN_HAND_MAX = 16;
/** Requests that are remembered. */
export const REQUESTS_REMEMBERED_MAX = 1_024;
/** Share of the outbox that pictures may fill. */
export const PICTURES_SHARE_MAX = 0.125;

export interface PictureDeskOptions {
  /** Never rejects; undefined when there is no such device. */
  readonly take: (request: PictureRequest) => Promise<PictureTaken> | undefined;
  /** Resolves once the records are on the disk. */
  readonly keep: (records: readonly NewRecord[]) => Promise<void>;
  /** What pictures fill of the outbox. */
  readonly waitingBytes: () => number;
  readonly outboxBytesMax: number;
  readonly now: () => Timestamp;
  readonly log: Log;
}

export class PictureDesk {
  readonly #options: PictureDeskOptions;
  readonly #known = new RecentIds(REQUESTS_REMEMBERED_MAX);
  #inHand = 0;
  /** Answers since the start, by what came of the request. */
  readonly answers = new Map<"taken" | "refused", number>();

  constructor(options: PictureDeskOptions) {
    this.#options = options;
  }

  /** Resolves when it is answered. Never rejects: what the outbox does not take is asked for again. */
  async ask(request: PictureRequest): Promise<void> {
    if (!this.#known.isNew(request.id)) return;
    const { keep, log } = this.#options;
    const { device, id, kind } = request;
    this.#inHand += 1;
    const picture = await this.#take(request);
    const isTaken = "data" in picture;
    try {
      await keep(isTaken ? partRecords(request, picture) : [this.#refusal(request, picture)]);
      const { reason, detail } = isTaken ? { reason: undefined, detail: undefined } : picture;
      log.info({ request: id, device, kind, reason, detail }, isTaken ? `a ${kind} was taken` : `no ${kind}`);
    } catch (error) {
      log.warn({ request: id, device, err: error }, "a picture could not be kept");
      this.#known.forget(id);
    } finally {
      this.#inHand -= 1;
    }
    const outcome = isTaken ? "taken" : "refused";
    this.answers.set(outcome, (this.answers.get(outcome) ?? 0) + 1);
    // The hub may ask once more, and the camera be there again.
    if (!isTaken) this.#known.forget(id);
  }

  async #take(request: PictureRequest): Promise<PictureTaken> {
    const { outboxBytesMax, take, waitingBytes } = this.#options;
    if (this.#inHand > PICTURES_IN_HAND_MAX) {
      return { reason: "full", detail: `${PICTURES_IN_HAND_MAX} pictures are being taken already` };
    }
    const room = outboxBytesMax * PICTURES_SHARE_MAX - waitingBytes();
    const full = { reason: "full", detail: "too many pictures wait for the connection to the hub" } as const;
    if (room <= 0) return full;
    const taken = (await take(request)) ?? NO_CAMERA;
    if (!("data" in taken)) return taken;
    const { length } = taken.data;
    if (length === 0) return { reason: "failed", detail: "the camera sent an empty picture" };
    const { bytes_max } = PICTURE_FORMATS[request.kind];
    if (length > bytes_max) {
      return { reason: "failed", detail: `a ${request.kind} of ${length} bytes; ${bytes_max} are allowed` };
    }
    return length > room ? full : taken;
  }

  #refusal(
    { id }: PictureRequest,
    { reason, detail }: Extract<PictureTaken, { reason: unknown }>,
  ): NewRecord {
    const metric = refusalMetric({ request: id, reason, detail, at: this.#options.now() });
    return { device: "", dataClass: "state", metrics: [metric] };
  }
}

const NO_CAMERA: PictureTaken = { reason: "unsupported", detail: "this edge box has no such camera" };

function partRecords(
  { id: request, kind }: { readonly id: string; readonly kind: PictureKind },
  { data, ...taken }: Extract<PictureTaken, { data: unknown }>,
): readonly NewRecord[] {
  const sha256 = createHash("sha256").update(data).digest("hex");
  const { contentType } = PICTURE_FORMATS[kind];
  const parts = partsOf({ request, sha256, contentType, ...taken, data });
  return parts.map((part) => ({ device: "", dataClass: "bulk", metrics: [partMetric(part)] }));
}
