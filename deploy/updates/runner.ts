/** Carries roll-outs on: looks, keeps what came of it, and only then tells boxes. A crash in between tells them again. */
import { randomBytes } from "node:crypto";
import type { NewRollOut, Pin, RollOut, RollOutAct, UpdatesView } from "@campus-ops/dashboards/updates";
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { Log } from "@campus-ops/service";
import { act, freshBox, isInFlight, isOver, jobOf, look } from "./core/roll-out.ts";
import { WAVES } from "./core/waves.ts";
import type { BundleShelf } from "./shelf.ts";
import { type HubLink, type SchoolHours, sightOf } from "./sights.ts";
import type { UpdateStore } from "./update-store.ts";

export const TURN_MS = 5_000;
/** Where nothing but times has changed they are kept so often. */
const KEEP_MS = 30_000;
const ID_BYTES = 6;

/** What cannot be done now, in words for the person who asked. */
export class RunnerError extends Error {
  override readonly name = "RunnerError";
  readonly said: LocalText;
  constructor(zh: string, en: string) {
    super(en);
    this.said = { zh, en };
  }
}

export interface RunnerOptions {
  readonly store: UpdateStore;
  readonly shelf: BundleShelf;
  readonly hub: HubLink;
  readonly now: () => number;
  readonly log: Log;
  /** A roll-out stopped by itself, or came to its end: nobody did that, and the trail has to say it. */
  readonly onTurn: (rollOut: RollOut) => void;
}

/** Its methods throw {@link RunnerError} for what cannot be done. */
export class RollOutRunner {
  readonly #options: RunnerOptions;
  #hours: SchoolHours | undefined;
  #turning: Promise<void> = Promise.resolve();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** One look at all that is under way. Never rejects. */
  turn(): Promise<void> {
    this.#turning = this.#turning
      .then(() => this.#turn())
      .catch((error: unknown) =>
        this.#options.log.warn({ err: error }, "roll-outs wait: a part of the hub does not answer"),
      );
    return this.#turning;
  }

  /** When the look that is under way is over. */
  settled(): Promise<void> {
    return this.#turning;
  }

  async view(): Promise<UpdatesView> {
    const { hub, shelf, store } = this.#options;
    const hours = await hub.schoolHours();
    return {
      takesBundles: shelf.takesBundles,
      bundles: shelf.bundles(),
      rollOuts: store.rollOuts(),
      pins: store.pins(),
      waves: WAVES,
      ...(hours === undefined ? {} : { schoolIsOut: hours.isOut }),
    };
  }

  begin({ boxes, bundle: sha256, by, urgent = false }: NewRollOut): RollOut {
    const { now, shelf, store } = this.#options;
    const bundle = shelf.find(sha256);
    if (bundle === undefined)
      throw new RunnerError("平台上没有这个更新包", "there is no such bundle at this hub");
    const busy = new Set(
      store
        .openRollOuts()
        .flatMap((each) =>
          each.boxes.filter((box) => box.step === "waiting" || isInFlight(box)).map(({ box }) => box),
        ),
    );
    const taken = boxes.find((box) => busy.has(box));
    if (taken !== undefined)
      throw new RunnerError(
        `${taken} 正在另一次更新中，请先取消或等它结束`,
        `${taken} is part of another roll-out; cancel that one, or wait until it is done`,
      );
    const at = now();
    const rollOut: RollOut = {
      id: randomBytes(ID_BYTES).toString("hex"),
      bundle: sha256,
      version: bundle.version,
      compatible: bundle.compatible,
      state: "running",
      wave: 0,
      urgent,
      forgiven: 0,
      boxes: [...new Set(boxes)].map((box) => freshBox(box)),
      beganAt: at,
      by,
      lookedAt: at,
    };
    store.keepRollOut(rollOut, true);
    return rollOut;
  }

  act(id: string, what: RollOutAct): RollOut {
    const before = this.rollOut(id);
    const busy = this.#options.store
      .openRollOuts()
      .some(
        (other) =>
          other.id !== id && other.boxes.some(({ box }) => before.boxes.some((own) => own.box === box)),
      );
    const after = what === "retry" && isOver(before) && busy ? undefined : act(before, what);
    if (after === undefined)
      throw new RunnerError(
        "更新当前的状态下不能这样操作",
        `this roll-out is ${before.state}: not possible now`,
      );
    this.#options.store.keepRollOut(after, !isOver(after));
    return after;
  }

  pin(pin: Pin): void {
    this.#options.store.pin(pin);
  }

  unpin(box: string): void {
    if (!this.#options.store.unpin(box)) throw new RunnerError("该盒未固定版本", `${box} is not pinned`);
  }

  removeBundle(sha256: string): void {
    const { shelf, store } = this.#options;
    if (store.openRollOuts().some(({ bundle }) => bundle === sha256))
      throw new RunnerError("更新正在使用该更新包", "a roll-out needs this bundle; cancel it first");
    shelf.remove(sha256);
  }

  /** What a box that asks for a bundle may have: only what it was told to fetch. */
  bundleFor(box: string, sha256: string): { readonly file: string; readonly bytes: number } | undefined {
    const { shelf, store } = this.#options;
    const isTold = store
      .openRollOuts()
      .some(
        ({ boxes, bundle }) =>
          bundle === sha256 && boxes.some((each) => each.box === box && isInFlight(each)),
      );
    const found = isTold ? shelf.find(sha256) : undefined;
    return found === undefined ? undefined : { file: shelf.file(sha256), bytes: found.bytes };
  }

  async #turn(): Promise<void> {
    const { hub, store } = this.#options;
    if (store.openRollOuts().length === 0) return;
    const [nodes, hours] = await Promise.all([hub.nodes(), hub.schoolHours()]);
    this.#hours = hours;
    const pinned = new Set(store.pins().map(({ box }) => box));
    const sights = new Map(nodes.map((node) => [node.key, sightOf(node, pinned.has(node.key))]));
    for (const { id } of store.openRollOuts()) await this.#carryOn(id, sights);
  }

  async #carryOn(id: string, known: ReadonlyMap<string, ReturnType<typeof sightOf>>): Promise<void> {
    const { now, onTurn, shelf, store } = this.#options;
    // Read anew: a person may have acted while somebody else was told.
    const before = this.rollOut(id);
    const sights = {
      of: (box: string) => known.get(box),
      schoolIsOut: this.#hours?.isOut ?? false,
      bundleIsHere: shelf.find(before.bundle) !== undefined,
    };
    const { recall, rollOut, tell } = look(before, sights, now());
    const isNews = keptOf(rollOut) !== keptOf(before);
    if (isNews || tell.length + recall.length > 0 || rollOut.lookedAt - before.lookedAt >= KEEP_MS)
      store.keepRollOut(rollOut, !isOver(rollOut));
    if (rollOut.state !== before.state) onTurn(rollOut);
    for (const box of recall) await this.#tell(rollOut, box, false);
    for (const box of tell) await this.#tell(rollOut, box, true);
  }

  async #tell(rollOut: RollOut, box: string, begins: boolean): Promise<void> {
    const { hub, log, shelf } = this.#options;
    const progress = rollOut.boxes.find((each) => each.box === box);
    const bundle = shelf.find(rollOut.bundle);
    if (progress === undefined || (begins && bundle === undefined)) return;
    const until = rollOut.urgent ? undefined : this.#hours?.until;
    const job =
      bundle === undefined || !begins
        ? undefined
        : {
            job: jobOf(rollOut, progress),
            sha256: bundle.sha256,
            bytes: bundle.bytes,
            version: bundle.version,
            ...(until === undefined ? {} : { until }),
          };
    // Who was not told is told again when its time comes.
    const told = await hub.tell(box, job).catch(() => false);
    log.info({ box, rollOut: rollOut.id, told, recall: !begins }, "a box is told of an update");
  }

  rollOut(id: string): RollOut {
    const found = this.#options.store.rollOut(id);
    if (found === undefined) throw new RunnerError("没有这次更新", "there is no such roll-out");
    return found;
  }
}

/** What of a roll-out is worth a write at once: all but the times that run. */
function keptOf({ lookedAt: _looked, boxes, ...rest }: RollOut): string {
  return JSON.stringify([rest, boxes.map(({ quiet_ms: _quiet, told_ms: _told, ...box }) => box)]);
}
