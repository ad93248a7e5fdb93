/** What becomes of the wish for a picture, step by step: whom to ask now, when to wait, and when to say that there is none. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type {
  AlarmPictureView,
  AlarmView,
  CameraChoice,
  NoPictureReason,
  TransitionView,
} from "../../api.ts";
import { CAMERAS_TRIED_MAX, type ChosenCamera } from "./choose.ts";

/** From the raising on; a later picture does not show what happened, and is kept all the same if it comes. */
export const PICTURE_WAIT_MS = 120_000;
/** Cameras that had no picture are asked again after so long. */
export const PICTURE_RETRY_MS = 5_000;
/** So long after the raising a picture is wanted: what happens then is seen as well. */
export const PICTURES_AFTER_MS: readonly number[] = [0, 5_000, 10_000];
/** Where a clip begins, from the raising. */
export const CLIP_AFTER_MS = -5_000;
/** Alarms within this share one picture of a camera. */
export const PICTURE_SHARED_MS = 3_000;
/** Pictures asked for in a minute; a flood does not photograph the whole school. */
export const PICTURES_A_MINUTE_MAX = 60;
/** Clips asked for in a minute: each is as large as forty pictures. */
export const CLIPS_A_MINUTE_MAX = 6;

/** Where an alarm begins to ring by itself. What people bring back has its pictures already. */
const BEGINS: ReadonlySet<string> = new Set(["raise", "release"]);

/** Whether the transition of an alarm whose rule wants pictures asks for one. Symptoms and the suppressed do not ring. */
export function asksForPicture({ event, to }: TransitionView): boolean {
  return BEGINS.has(event) && (to === "unacknowledged" || to === "latched");
}

/** Why there is no clip is only said where it is not said of the picture already. */
export function isWorthSaying(
  { after_ms, kind }: Pick<AlarmPictureView, "after_ms" | "kind">,
  reason: NoPictureReason,
): boolean {
  return kind === "snapshot" ? after_ms === 0 : reason === "failed" || reason === "full";
}

/** A wish that is not settled. */
export interface Wish {
  /** The moment that is wanted. */
  readonly raisedAt: Timestamp;
  /** When the hub could ask for it. */
  readonly receivedAt: Timestamp;
  readonly late: boolean;
  /** Cameras that were asked in this round and had none, with what they said. */
  readonly tried: readonly Tried[];
}

export interface Tried {
  readonly camera: string;
  readonly reason: NoPictureReason;
  readonly detail?: string;
  readonly since?: Timestamp;
}

export interface Circumstances {
  readonly now: Timestamp;
  readonly cameras: readonly ChosenCamera[];
  /** A request for this camera that is under way or done, of the last {@link PICTURE_SHARED_MS}. */
  readonly shared: (camera: string) => string | undefined;
  /** Requests of the last minute, of the same kind. */
  readonly askedLately: number;
  readonly kind: AlarmPictureView["kind"];
}

export type Step =
  | { readonly kind: "ask"; readonly camera: string; readonly why: CameraChoice }
  | { readonly kind: "share"; readonly camera: string; readonly why: CameraChoice; readonly request: string }
  /** Begin anew with the first camera then. */
  | { readonly kind: "wait"; readonly until: Timestamp }
  | ({ readonly kind: "none"; readonly why?: CameraChoice } & Omit<Tried, "camera"> & {
        readonly camera?: string;
      });

export function nextStep(wish: Wish, { askedLately, cameras, kind, now, shared }: Circumstances): Step {
  if (wish.late) return { kind: "none", reason: "late" };
  const considered = cameras.slice(0, CAMERAS_TRIED_MAX);
  const [best] = considered;
  if (best === undefined) return { kind: "none", reason: "no-camera" };
  const isOver = now >= wish.receivedAt + PICTURE_WAIT_MS;
  if (isOver && wish.tried.length === 0) return { kind: "none", reason: "late" };
  const next = considered.find(({ camera }) => !wish.tried.some((each) => each.camera === camera.key));
  if (next !== undefined) {
    const { camera, why } = next;
    const request = shared(camera.key);
    if (request !== undefined) return { kind: "share", camera: camera.key, why, request };
    const most = kind === "clip" ? CLIPS_A_MINUTE_MAX : PICTURES_A_MINUTE_MAX;
    if (askedLately >= most) return { kind: "none", reason: "flood" };
    return { kind: "ask", camera: camera.key, why };
  }
  if (!isOver && wish.tried.some(({ reason }) => mayPass(reason))) {
    return { kind: "wait", until: Math.min(now + PICTURE_RETRY_MS, wish.receivedAt + PICTURE_WAIT_MS) };
  }
  const said = wish.tried.find(({ camera }) => camera === best.camera.key) ?? wish.tried[0];
  return said === undefined
    ? { kind: "none", reason: "no-camera" }
    : { kind: "none", why: best.why, ...said };
}

const mayPass = (reason: NoPictureReason): boolean => reason !== "unsupported";

/** The wishes of an alarm, each with how long after the raising it is meant. One that is long over has one. */
export function wishesOf({
  late,
  raisedAt,
  receivedAt,
}: AlarmView): readonly (Wish & { readonly after_ms: number })[] {
  const moments = late === true ? [0] : PICTURES_AFTER_MS;
  return moments.map((after_ms) => ({
    after_ms,
    raisedAt: raisedAt + after_ms,
    receivedAt: receivedAt + after_ms,
    late: late === true,
    tried: [],
  }));
}
