/**
 * A roll-out as a state machine: `look` compares what it is with what boxes show and says whom to tell; `act` is what a person
 * decides. Pure and without memory of its own: after a restart of the hub it goes on from what was stored.
 *
 * Deadlines count watched time. While the hub is down nobody watches, and a box that was away all that time has not failed.
 */
import type { BoxProgress, RollOut, RollOutAct } from "@campus-ops/dashboards/updates";
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { REASONS } from "./reasons.ts";
import { compareVersions } from "./version.ts";
import { allowedIn, isLastWave } from "./waves.ts";

/** A box runs the new version for that long, connected, before it counts as good. */
export const SETTLE_MS = 10 * 60_000;
/** Who has not taken up what it was told is told again; and how often in all. */
export const TELL_AGAIN_MS = 60_000;
export const TOLD_MAX = 10;
/** A box proves itself within ten minutes after its restart; three times that and somebody has to go there. */
export const RETURN_MS_MAX = 30 * 60_000;
export const STALL_MS_MAX = 60 * 60_000;
/** Of the boxes that were begun, rounded down: of the first nineteen none. */
export const FAILURE_SHARE_MAX = 0.05;
/** Beyond the wave's own limit: what they fetch goes through one line. */
export const IN_FLIGHT_MAX = 50;
/** Between two looks; what is longer was a pause of the hub. */
export const WATCHED_MS_MAX = 60_000;

/** What the hub knows of a box right now. */
export interface BoxSight {
  readonly online: boolean;
  /** False for a box that is not updated by bundles. */
  readonly offers: boolean;
  readonly compatible: string;
  readonly version: string;
  /** What it was told last and keeps; "" for nothing. */
  readonly job: string;
  /** Of that job, in the words of the box: `fetching`, `installing`, `done` … */
  readonly state: string;
  readonly percent: number;
  readonly reason: LocalText | undefined;
  readonly pinned: boolean;
}

export interface Sights {
  /** Undefined for a box that this hub has never seen. */
  readonly of: (box: string) => BoxSight | undefined;
  /** Whether boxes may begin now, urgent ones aside. */
  readonly schoolIsOut: boolean;
  readonly bundleIsHere: boolean;
}

export interface Outcome {
  readonly rollOut: RollOut;
  /** To be told of their job, for the first time or again. */
  readonly tell: readonly string[];
  /** To be told to leave it, as long as they only fetch. */
  readonly recall: readonly string[];
}

/** What a box is told, and says again: two attempts are two jobs. */
export const jobOf = ({ id }: Pick<RollOut, "id">, { attempt }: Pick<BoxProgress, "attempt">): string =>
  `${id}.${attempt}`;

export const freshBox = (box: string, attempt = 1): BoxProgress => ({
  box,
  step: "waiting",
  attempt,
  stage: "",
  quiet_ms: 0,
  told_ms: 0,
  told: 0,
});

export const isInFlight = ({ step }: BoxProgress): boolean =>
  step === "asked" || step === "working" || step === "settling";

/** Over for good, unless somebody retries what failed. */
export const isOver = ({ boxes, state }: RollOut): boolean =>
  state === "done" || (state === "cancelled" && !boxes.some(isInFlight));

export function look(before: RollOut, sights: Sights, at: Timestamp): Outcome {
  const watched_ms = Math.min(Math.max(0, at - before.lookedAt), WATCHED_MS_MAX);
  const tell: string[] = [];
  const recall: string[] = [];
  let rollOut: RollOut = { ...before, lookedAt: at };
  if (isOver(rollOut)) return { rollOut, tell, recall };
  if (rollOut.state === "running" && !sights.bundleIsHere) rollOut = stopped(rollOut, REASONS["bundle-away"]);

  rollOut = {
    ...rollOut,
    boxes: rollOut.boxes.map((box) => {
      const sight = sights.of(box.box);
      const next = isInFlight(box)
        ? followed(rollOut, aged(box, watched_ms), sight)
        : box.step === "waiting"
          ? excluded(rollOut, box, sight)
          : box;
      if (!isInFlight(next) || sight?.online !== true) return next;
      const mayRecall = rollOut.state === "stopped" || rollOut.state === "cancelled";
      const hasJob = sight.job === jobOf(rollOut, next);
      if (mayRecall && hasJob && sight.state === "fetching" && next.told_ms >= TELL_AGAIN_MS) {
        recall.push(next.box);
        return { ...next, told_ms: 0 };
      }
      if (rollOut.state === "running" && next.step === "asked" && next.told_ms >= TELL_AGAIN_MS) {
        tell.push(next.box);
        return { ...next, told_ms: 0, told: next.told + 1 };
      }
      return next;
    }),
  };

  if (rollOut.state === "running" && tooManyFailed(rollOut))
    rollOut = stopped(rollOut, REASONS["too-many-failures"]);
  if (rollOut.state !== "running")
    return { rollOut, tell: rollOut.state === before.state ? tell : [], recall };
  rollOut = inItsWave(rollOut);
  if (rollOut.state === "running" && (rollOut.urgent || sights.schoolIsOut)) {
    const begun = beginning(rollOut, sights);
    rollOut = { ...rollOut, boxes: rollOut.boxes.map((box) => begun.get(box.box) ?? box) };
    tell.push(...begun.keys());
  }
  return { rollOut, tell, recall };
}

/** Undefined where it makes no sense in this state. */
export function act(rollOut: RollOut, what: RollOutAct): RollOut | undefined {
  const { boxes, state } = rollOut;
  const failures = boxes.filter(({ step }) => step === "failed").length;
  switch (what) {
    case "pause":
      return state === "running" ? { ...rollOut, state: "paused" } : undefined;
    case "resume":
      return state === "paused" || state === "stopped"
        ? { ...withoutReason(rollOut), state: "running", forgiven: failures }
        : undefined;
    case "cancel":
      if (state === "done" || state === "cancelled") return undefined;
      return {
        ...withoutReason(rollOut),
        state: "cancelled",
        boxes: boxes.map((box) =>
          box.step === "waiting"
            ? ended(box, "left-out", REASONS.cancelled)
            : isInFlight(box)
              ? { ...box, told_ms: TELL_AGAIN_MS }
              : box,
        ),
      };
    case "retry":
      if (state === "cancelled" || failures === 0) return undefined;
      return {
        ...withoutReason(rollOut),
        state: "running",
        forgiven: 0,
        boxes: boxes.map((box) => (box.step === "failed" ? freshBox(box.box, box.attempt + 1) : box)),
      };
    case "hurry":
      return isOver(rollOut) || rollOut.urgent ? undefined : { ...rollOut, urgent: true };
  }
}

function stopped(rollOut: RollOut, reason: LocalText): RollOut {
  return {
    ...rollOut,
    state: "stopped",
    reason,
    // Whoever only fetches is called back at the next look.
    boxes: rollOut.boxes.map((box) => (isInFlight(box) ? { ...box, told_ms: TELL_AGAIN_MS } : box)),
  };
}

function tooManyFailed({ boxes, forgiven }: RollOut): boolean {
  const failures = boxes.filter(({ step }) => step === "failed").length;
  return failures - forgiven > Math.floor(begunOf(boxes) * FAILURE_SHARE_MAX);
}

/** The next wave begins when everybody of this one is settled. */
function inItsWave(rollOut: RollOut): RollOut {
  const { boxes, wave } = rollOut;
  if (boxes.some(isInFlight)) return rollOut;
  if (boxes.every(({ step }) => step !== "waiting")) return { ...rollOut, state: "done" };
  const isFull = countedOf(rollOut) >= allowedIn(wave, candidatesOf(boxes));
  return isFull && !isLastWave(wave) ? inItsWave({ ...rollOut, wave: wave + 1 }) : rollOut;
}

function beginning(rollOut: RollOut, sights: Sights): ReadonlyMap<string, BoxProgress> {
  const { boxes, wave } = rollOut;
  const room = Math.min(
    allowedIn(wave, candidatesOf(boxes)) - countedOf(rollOut),
    IN_FLIGHT_MAX - boxes.filter(isInFlight).length,
  );
  const ready = boxes.filter(({ box, step }) => step === "waiting" && sights.of(box)?.online === true);
  return new Map(
    ready
      .slice(0, Math.max(0, room))
      .map((box): [string, BoxProgress] => [
        box.box,
        { ...box, step: "asked", stage: "", quiet_ms: 0, told_ms: 0, told: 1 },
      ]),
  );
}

/** Against the wave: in the place of a failure that a person has gone on from, another box has to be good first. */
export const countedOf = ({ boxes, forgiven }: RollOut): number => begunOf(boxes) - forgiven;

export const begunOf = (boxes: readonly BoxProgress[]): number =>
  boxes.filter((box) => isInFlight(box) || box.step === "good" || box.step === "failed").length;

export const candidatesOf = (boxes: readonly BoxProgress[]): number =>
  boxes.filter(({ step }) => step !== "left-out").length;

/** What nobody has to do there is known before anybody is told. */
function excluded(rollOut: RollOut, box: BoxProgress, sight: BoxSight | undefined): BoxProgress {
  if (sight === undefined) return box;
  const out = (reason: LocalText): BoxProgress => ended(box, "left-out", reason);
  if (sight.pinned) return out(REASONS.pinned);
  if (!sight.offers) return out(REASONS["not-offered"]);
  if (sight.compatible !== rollOut.compatible) return out(REASONS["other-hardware"]);
  const difference = compareVersions(sight.version, rollOut.version);
  if (difference === 0) return out(REASONS["same-version"]);
  return difference !== undefined && difference > 0 ? out(REASONS["newer-version"]) : box;
}

/** A box in flight, by what it shows. */
function followed(rollOut: RollOut, box: BoxProgress, sight: BoxSight | undefined): BoxProgress {
  const fail = (reason: LocalText): BoxProgress => ended(box, "failed", reason);
  if (sight?.online !== true) {
    const away = staged(box, "away");
    // What it shows when it is back is a new beginning of its proof.
    return away.quiet_ms >= RETURN_MS_MAX ? fail(REASONS.lost) : away;
  }
  if (sight.job !== jobOf(rollOut, box)) return unheard(rollOut, box);
  switch (sight.state) {
    case "done": {
      if (compareVersions(sight.version, rollOut.version) !== 0) return fail(REASONS["other-version"]);
      const settling = staged({ ...box, step: "settling" }, "done");
      return settling.quiet_ms >= SETTLE_MS ? ended(settling, "good") : settling;
    }
    case "refused":
    case "failed":
    case "rolled-back":
      return fail(sight.reason ?? { zh: sight.state, en: sight.state });
    case "cancelled":
      return rollOut.state === "cancelled"
        ? ended(box, "left-out", REASONS.cancelled)
        : freshBox(box.box, box.attempt + 1);
    default: {
      const working = staged({ ...box, step: "working" }, `${sight.state} ${sight.percent}`);
      return working.quiet_ms >= STALL_MS_MAX ? fail(REASONS.stalled) : working;
    }
  }
}

/** It is there and says nothing of its job: it has not heard of it, or has forgotten it. */
function unheard({ state }: RollOut, box: BoxProgress): BoxProgress {
  const asked = staged({ ...box, step: "asked" }, "unheard");
  if (asked.told_ms < TELL_AGAIN_MS) return asked;
  if (state === "cancelled") return ended(asked, "left-out", REASONS.cancelled);
  if (state === "stopped") return freshBox(asked.box, asked.attempt + 1);
  return asked.told >= TOLD_MAX ? ended(asked, "failed", REASONS["no-answer"]) : asked;
}

function staged(box: BoxProgress, stage: string): BoxProgress {
  return box.stage === stage ? box : { ...box, stage, quiet_ms: 0 };
}

const aged = (box: BoxProgress, watched_ms: number): BoxProgress => ({
  ...box,
  quiet_ms: box.quiet_ms + watched_ms,
  told_ms: box.told_ms + watched_ms,
});

function ended(box: BoxProgress, step: "good" | "failed" | "left-out", reason?: LocalText): BoxProgress {
  const { reason: _before, ...rest } = box;
  return { ...rest, step, ...(reason === undefined ? {} : { reason }) };
}

function withoutReason({ reason: _reason, ...rest }: RollOut): RollOut {
  return rest;
}
