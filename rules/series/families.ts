/** What is counted: alarms from their transitions, the use of rooms from its records, availability from the health of devices. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { BUCKET_MS, type Count, Counts } from "../core/series/counts.ts";
import type { HealthFigures } from "../health/figures.ts";
import type { HealthStore } from "../health/health-store.ts";
import type { RulesStore } from "../store/rules-store.ts";
import type { Touched } from "../store/touched.ts";
import type { UseFigures } from "../use/figures.ts";
import type { UseStore } from "../use/use-store.ts";
import type { SeriesStore } from "./series-store.ts";
import type { Family } from "./teller.ts";

/** Equipment that is on for longer is counted where its second day begins. */
const SESSION_MS_MAX = 24 * 3_600_000;

export function alarmFamily(
  rules: Pick<RulesStore, "alarmCounts" | "changedAfter">,
  series: SeriesStore,
): Family {
  let last = 0;
  return {
    name: "alarms",
    changes_ms: 0,
    changed: () => {
      const changes = rules.changedAfter(series.transition);
      last = changes.last;
      return changes.since;
    },
    count: async (campus, from, to) => {
      const counts = new Counts();
      for (const each of rules.alarmCounts(from, to, BUCKET_MS)) {
        if (each.campus !== campus) continue;
        if (each.answered) {
          counts.add(each.start, "Counts/alarmsAnswered", each.count);
          counts.add(each.start, "Counts/alarmsAnswerSeconds", each.waited_ms / 1_000);
        } else counts.add(each.start, `Alarms/${each.priority}/Raised`, each.count);
      }
      return counts.list();
    },
    settle: () => {
      series.transition = last;
    },
  };
}

export function useFamily(figures: UseFigures, store: UseStore, closesAfter_ms: number): Family {
  return {
    name: "use",
    // A session is told when it is over, where it began.
    changes_ms: SESSION_MS_MAX,
    ...marks(store),
    count: async (campus, from, to) => {
      const counts = new Counts();
      const now = store.position.now - closesAfter_ms;
      // A session that lasts over an end of the range is cut there: beyond the ends, none begins within.
      const range = { from: from - SESSION_MS_MAX, to: to + SESSION_MS_MAX };
      const over = (each: { readonly from: Timestamp; readonly to: Timestamp }): boolean =>
        each.from >= from && each.from < to && each.to <= now;
      for (const { type, records, lessons, classes } of figures.parts(campus, range))
        counts.addUse(type, records.filter(over), lessons.filter(over), classes);
      return counts.list();
    },
  };
}

export function healthFamily(figures: HealthFigures, store: HealthStore): Family {
  return {
    name: "health",
    changes_ms: 0,
    ...marks(store),
    count: async (campus, from, to): Promise<readonly Count[]> => {
      const counts = new Counts();
      const devices = figures.devicesOf(campus);
      for (const { intervals } of await figures.histories({ scopes: [""], devices, from, to }))
        counts.addHealth(intervals, from, to);
      return counts.list();
    },
  };
}

function marks(store: Pick<HealthStore, "touched" | "untouch">): Pick<Family, "changed" | "settle"> {
  let taken: readonly Touched[] = [];
  return {
    changed: (): ReadonlyMap<string, Timestamp> => {
      taken = store.touched();
      return new Map(taken.map(({ campus, since }) => [campus, since]));
    },
    settle: () => {
      for (const mark of taken) store.untouch(mark);
    },
  };
}
