import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { durationText, text } from "../explain.ts";
import { type Area, metresOutside, type Place } from "../route.ts";
import type { PositionSpec } from "../rule.ts";
import {
  type BoundCondition,
  type Memory,
  NEVER,
  type PlacedEvent,
  type Subject,
  type Verdict,
} from "./condition.ts";
import { type Mark, mark, markEvidence, matches } from "./events.ts";

const AREA_TITLES: Readonly<Record<Area, LocalText>> = {
  route: text("审定路线", "the approved route"),
  school: text("学校", "the school"),
  end: text("学校和线路两端", "the school and the ends of its route"),
};

/**
 * Where something is, or has been, by its positions: unknown before the first one and while nobody can see the device,
 * and nothing at all without a declared route.
 */
export class PositionCondition implements BoundCondition {
  readonly #spec: PositionSpec;
  readonly #subject: Subject;
  /** Since when positions have been watched. */
  #since: Timestamp = NEVER;
  #newest: Mark | undefined;
  /** The newest inside the area. */
  #inside: Mark | undefined;

  constructor(spec: PositionSpec, subject: Subject, saved: Memory | undefined) {
    this.#spec = spec;
    this.#subject = subject;
    if (saved === undefined || saved === null) return;
    const memory = saved as unknown as { since: Timestamp | null; newest: Mark | null; inside: Mark | null };
    this.#since = memory.since ?? NEVER;
    this.#newest = memory.newest ?? undefined;
    this.#inside = memory.inside ?? undefined;
  }

  sample(): void {}

  event(placed: PlacedEvent): void {
    if (!matches(this.#spec.match, placed.event) || placeOf(placed.event) === undefined) return;
    const seen = mark(placed);
    this.#since = Math.min(this.#since, seen.at);
    if (seen.at >= timeOf(this.#newest)) this.#newest = seen;
    if (seen.at >= timeOf(this.#inside) && this.#metres(seen, seen.at) === 0) this.#inside = seen;
  }

  /** That it had been there counts whenever it is heard of. */
  backfill(placed: PlacedEvent): void {
    this.event(placed);
  }

  lateEvent(placed: PlacedEvent): boolean {
    const isInside = this.#metres(mark(placed), placed.at) === 0;
    return this.applies() && isInside === (this.#spec.side !== "outside");
  }

  verdict(at: Timestamp): Verdict {
    const { side, within_ms } = this.#spec;
    if (this.#newest === undefined || !this.applies()) return "unknown";
    if (side === "missed") {
      if (at < timeOf(this.#inside) + within_ms) return false;
      return this.#subject.reachable() && at >= this.#since + within_ms ? true : "unknown";
    }
    if (!this.#subject.reachable()) return "unknown";
    return (this.#metres(this.#newest, at) === 0) === (side === "inside");
  }

  applies(): boolean {
    return this.#subject.route !== undefined;
  }

  due(at: Timestamp): Timestamp {
    const { area, side, within_ms } = this.#spec;
    if (this.#newest === undefined || !this.applies()) return NEVER;
    if (side !== "missed") return area === "route" ? this.#subject.calendar.nextChange(at) : NEVER;
    const decided = Math.max(this.#since, timeOf(this.#inside)) + within_ms;
    return decided > at ? decided : NEVER;
  }

  late(): boolean {
    return false;
  }

  explain(at: Timestamp): LocalText {
    const { area, side, within_ms } = this.#spec;
    const title = AREA_TITLES[area];
    const metres = Math.round(this.#metres(this.#newest, at));
    const within = durationText(within_ms);
    switch (side) {
      case "inside":
        return text(`位于${title.zh}范围内`, `it is at ${title.en}`);
      case "outside":
        return text(`偏离${title.zh} ${metres} 米`, `it is ${metres} m off ${title.en}`);
      case "missed":
        return text(
          `${within.zh}内没有到过${title.zh}，目前相距 ${metres} 米`,
          `it was not at ${title.en} within ${within.en} and is ${metres} m away`,
        );
    }
  }

  evidence(): readonly EvidenceSample[] {
    return this.#newest === undefined ? [] : [markEvidence(this.#subject.device.key, this.#newest)];
  }

  save(): Memory {
    return {
      since: this.#since === NEVER ? null : this.#since,
      newest: this.#newest ?? null,
      inside: this.#inside ?? null,
    } as unknown as Memory;
  }

  idle(): boolean {
    return true;
  }

  #metres(seen: Mark | undefined, at: Timestamp): number {
    const { route, calendar } = this.#subject;
    const place = seen === undefined ? undefined : placeOf(seen);
    return route === undefined || place === undefined
      ? 0
      : metresOutside(route, this.#spec.area, place, calendar, at);
  }
}

function placeOf({ fields }: Pick<Mark, "fields">): Place | undefined {
  const { latitude, longitude } = fields;
  return typeof latitude === "number" && typeof longitude === "number" ? [latitude, longitude] : undefined;
}

const timeOf = (seen: Mark | undefined): Timestamp => seen?.at ?? Number.NEGATIVE_INFINITY;
