/** Figures of the health of devices for a range of time, folded from what they said when somebody asks. */
import { setImmediate as turn } from "node:timers/promises";
import {
  type AssetLevel,
  ancestorAt,
  DEVICE_CLASSES,
  isWithin,
  type LocalText,
  type Site,
} from "@campus-ops/device-profiles/vocabulary";
import {
  addHealth,
  attribute,
  type Failure,
  failuresOf,
  type HealthTotals,
  INTERRUPTION_MS_MAX,
  NO_HEALTH,
  ranked,
  ratiosOf,
  standingOf,
  totalsOf,
} from "../core/health/figures.ts";
import { blindSpans, foldHealth, type HealthInterval, type Span } from "../core/health/history.ts";
import { placeTitle } from "../core/people/place.ts";
import type { HealthBelow, ToldHealth } from "../told/health-below.ts";
import type { FailureList, FailureView, HealthAsked, HealthFigure, HealthGroup, ModelView } from "./api.ts";
import type { HealthDevice, HealthStore } from "./health-store.ts";

export const FAILURES_MAX = 5_000;
/** Devices that are looked at before alarms and people have their turn. */
const DEVICES_AT_ONCE = 50;
/** What a group is called when there is one group. */
const ALL = { zh: "全部", en: "all" };

/** One device's time. */
export interface DeviceHealth {
  readonly device: HealthDevice;
  readonly intervals: readonly HealthInterval[];
  readonly failures: readonly Failure[];
}

type Grouped = Pick<HealthDevice, "class" | "device" | "model" | "path" | "title">;

interface HistoriesAsked extends HealthAsked {
  /** These alone. */
  readonly devices?: ReadonlySet<string>;
}

export class HealthFigures {
  readonly #store: HealthStore;
  readonly #site: Site;
  readonly #below: Pick<HealthBelow, "totals"> | undefined;

  /** `below`: of campuses that hubs below tell. */
  constructor(store: HealthStore, site: Site, below?: Pick<HealthBelow, "totals">) {
    this.#store = store;
    this.#site = site;
    this.#below = below;
  }

  /** `hours` in order, not overlapping: those in which a device is expected to be there; all unless said. */
  async figures(
    asked: HealthAsked,
    by: HealthGroup,
    hours?: readonly Span[],
  ): Promise<readonly HealthFigure[]> {
    const groups = new Map<string, { title: LocalText; totals: HealthTotals; lastKnown?: number }>();
    const add = (device: Grouped, totals: HealthTotals, lastKnown?: number): void => {
      const group = this.#groupOf(device, by);
      // It was not watched at any time of it.
      if (group === undefined || totals.devices === 0) return;
      const known = groups.get(group.key) ?? { title: group.title, totals: NO_HEALTH };
      known.totals = addHealth(known.totals, totals);
      if (lastKnown !== undefined) known.lastKnown = Math.min(lastKnown, known.lastKnown ?? lastKnown);
      groups.set(group.key, known);
    };
    for (const health of await this.histories(asked)) add(health.device, this.#totals(health, asked, hours));
    for (const { lastKnown, totals, ...of } of by === "device" ? [] : await this.#told(asked, hours))
      add({ ...of, device: "", title: ALL }, totals, lastKnown);
    return [...groups]
      .map(([key, { totals, ...rest }]) => ({ key, ...rest, ...totals, ...ratiosOf(totals) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async #told(asked: HealthAsked, hours?: readonly Span[]): Promise<readonly ToldHealth[]> {
    return (await this.#below?.totals(asked, hours)) ?? [];
  }

  /** What stands behind the counts of failures and repairs. */
  async failures(asked: HealthAsked): Promise<FailureList> {
    const to = this.#until(asked);
    const all = (await this.histories(asked))
      .flatMap(({ device, failures }) => failures.map((failure) => viewOf(failure, device, to)))
      .filter((failure) => failure.from < to && (failure.to ?? to) >= asked.from)
      .sort((a, b) => b.from - a.from || (a.device < b.device ? -1 : 1));
    return { failures: all.slice(0, FAILURES_MAX), truncated: all.length > FAILURES_MAX };
  }

  /** What stands behind a device's availability: its states one after the other, clipped to the range. */
  async timeline(device: string, from: number, to: number): Promise<readonly HealthInterval[]> {
    const [health] = await this.histories({ scopes: [""], device, from, to });
    return (health?.intervals ?? []).flatMap((each) => {
      const clipped = { ...each, from: Math.max(each.from, from), to: Math.min(each.to, to) };
      return clipped.from < clipped.to ? [clipped] : [];
    });
  }

  /** Models that fail most first; after them, by name, those of which too little is known. */
  async models(asked: HealthAsked): Promise<readonly ModelView[]> {
    const known = [...this.#devices(asked), ...(await this.#told(asked))];
    const classes = Map.groupBy(known, ({ model }) => model);
    const views = (await this.figures(asked, "model")).map((figure) => ({
      ...figure,
      ...standingOf(figure),
      classes: [...new Set((classes.get(figure.key) ?? []).map((each) => each.class))].sort(),
    }));
    return ranked(views);
  }

  /** The health of each device that is asked for, what it hangs from taken into account. */
  async histories(asked: HistoriesAsked): Promise<readonly DeviceHealth[]> {
    const to = this.#until(asked);
    const known = new Map(this.#store.devices().map((device) => [device.device, device]));
    const blind = new Map<string, readonly Span[]>();
    const intervals = new Map<string, readonly HealthInterval[]>();
    const failures = new Map<string, readonly Failure[]>();
    const fold = ({ device, node }: HealthDevice): void => {
      if (intervals.has(device)) return;
      const facts = this.#store.facts(device, asked.from, to);
      const first = facts[0]?.at ?? to;
      if (!blind.has(node)) {
        const away = this.#store.away(node, 0, to);
        blind.set(
          node,
          blindSpans(away, away.length === 0 ? [] : this.#store.seen(node, away[0]?.from ?? 0, to)),
        );
      }
      const until = Math.max(to, first);
      const folded = foldHealth(facts, blind.get(node) ?? [], until);
      intervals.set(device, folded);
      failures.set(device, failuresOf(device, folded, until));
    };
    const devices = this.#devices(asked);
    for (const [index, device] of devices.entries()) {
      if (index % DEVICES_AT_ONCE === DEVICES_AT_ONCE - 1) await turn();
      fold(device);
      const upstream = known.get(device.upstream ?? "");
      if (upstream !== undefined && (failures.get(device.device)?.length ?? 0) > 0) fold(upstream);
    }
    const attributed = attribute(failures, (device) => known.get(device)?.upstream);
    return devices.map((device) => ({
      device,
      intervals: intervals.get(device.device) ?? [],
      failures: attributed.get(device.device) ?? [],
    }));
  }

  /** Keys of the devices of a campus. */
  devicesOf(campus: string): ReadonlySet<string> {
    const keys = this.#store.devices().map(({ device }) => device);
    return new Set(keys.filter((device) => device.startsWith(`${campus}/`)));
  }

  #totals({ intervals, failures }: DeviceHealth, asked: HealthAsked, hours?: readonly Span[]): HealthTotals {
    const range = { from: asked.from, to: this.#until(asked) };
    return totalsOf(intervals, failures, range, hours ?? [range]);
  }

  #devices(asked: HistoriesAsked): readonly HealthDevice[] {
    return this.#store
      .devices()
      .filter(
        ({ device, class: kind, model, path }) =>
          asked.scopes.some((scope) => isWithin(path, scope)) &&
          (asked.class === undefined || kind === asked.class) &&
          (asked.model === undefined || model === asked.model) &&
          (asked.device === undefined || device === asked.device) &&
          (asked.devices === undefined || asked.devices.has(device)),
      );
  }

  /** What the journal has not told yet is not expected. */
  #until({ to }: HealthAsked): number {
    return Math.min(to, this.#store.position.now);
  }

  #groupOf(
    { device, class: kind, model, path, title }: Grouped,
    by: HealthGroup,
  ): { readonly key: string; readonly title: LocalText } | undefined {
    switch (by) {
      case "device":
        return { key: device, title };
      case "class":
        return { key: kind, title: DEVICE_CLASSES[kind] };
      case "model":
        return { key: model, title: { zh: model, en: model } };
      case "none":
        return { key: "all", title: ALL };
      default: {
        const place = ancestorAt(path, by satisfies AssetLevel);
        return place === undefined ? undefined : { key: place, title: placeTitle(this.#site, place) };
      }
    }
  }
}

function viewOf(failure: Failure, device: HealthDevice, until: number): FailureView {
  const { title, class: kind, model, path } = device;
  const interruption = (failure.to ?? until) - failure.from < INTERRUPTION_MS_MAX;
  return { ...failure, title, class: kind, model, path, interruption };
}
