/** What the hub knows of boxes, asked of its parts over their private sockets, and how a box is told. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { NodeView } from "@campus-ops/ingest/api";
import type { CalendarView } from "@campus-ops/rules/api";
import type { SocketClient } from "@campus-ops/service/socket-client";
import type { BoxSight } from "./core/roll-out.ts";

const ANSWER_MS_MAX = 10_000;
/** The window of the calendar in which a school is empty. */
const CLOSED = "closed";
/** Changes of the calendar that are followed: a night, and the days of a week-end. */
const CHANGES_MAX = 16;
const BY = "roll-out";

/** When boxes may begin by themselves: now or not, and until when. */
export interface SchoolHours {
  readonly isOut: boolean;
  /** Milliseconds since the epoch; absent where it does not end. */
  readonly until?: number;
}

/** As it travels in `Update/Install`; see the agent's `update/` for what a box makes of it. */
export interface UpdateJob {
  readonly job: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly version: string;
  /** The box begins no installation after it, milliseconds since the epoch. */
  readonly until?: number;
}

export interface HubLink {
  readonly nodes: () => Promise<readonly NodeView[]>;
  /** Undefined while nobody can say. */
  readonly schoolHours: () => Promise<SchoolHours | undefined>;
  /** `job` undefined: it is to leave what it only fetches. False where the box cannot be told now. */
  readonly tell: (box: string, job: UpdateJob | undefined) => Promise<boolean>;
}

export function hubLink({
  ingest,
  rules,
}: {
  readonly ingest: SocketClient;
  readonly rules: SocketClient;
}): HubLink {
  const get = async <T>(part: SocketClient, path: string): Promise<T> => {
    const answer = await part.fetch(path, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}`);
    return (await answer.json()) as T;
  };
  return {
    nodes: () => get(ingest, "/nodes"),
    schoolHours: async () => {
      try {
        return await hoursOf((at) =>
          get<CalendarView>(rules, `/calendar${at === undefined ? "" : `?at=${at}`}`),
        );
      } catch {
        // Nobody begins while nobody knows.
        return undefined;
      }
    },
    tell: async (box, job) => {
      const value = job === undefined ? "" : JSON.stringify(job);
      const { ok, body } = await ingest.fetch("/commands", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ device: box, metric: "Update/Install", value, by: BY }),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      await body?.cancel();
      return ok;
    },
  };
}

/**
 * A calendar that knows no such window never lets anybody begin by themselves. Midnight is a change to a calendar, and the night
 * goes on: its end is looked for.
 */
export async function hoursOf(calendar: (at?: number) => Promise<CalendarView>): Promise<SchoolHours> {
  let view = await calendar();
  if (!view.open.includes(CLOSED)) return { isOut: false };
  for (let change = 0; change < CHANGES_MAX && view.until !== undefined; change += 1) {
    const { until } = view;
    view = await calendar(until);
    if (!view.open.includes(CLOSED)) return { isOut: true, until };
  }
  return view.until === undefined ? { isOut: true } : { isOut: true, until: view.until };
}

/** Undefined for a node that is no box. */
export function sightOf({ metrics, online }: NodeView, pinned: boolean): BoxSight | undefined {
  const values = new Map(metrics.map(({ name, value }) => [name, value]));
  if (values.get("Properties/Class") === "hub") return undefined;
  const said = (name: string): string => {
    const value = values.get(`Update/${name}`);
    return typeof value === "string" ? value : "";
  };
  const progress = values.get("Update/Progress");
  return {
    online,
    offers: values.has("Update/Install"),
    compatible: said("Compatible"),
    version: said("System"),
    job: said("Job"),
    state: said("State"),
    percent: typeof progress === "number" ? progress : 0,
    reason: reasonOf(said("ReasonZh"), said("ReasonEn")),
    pinned,
  };
}

const reasonOf = (zh: string, en: string): LocalText | undefined =>
  zh === "" && en === "" ? undefined : { zh: zh === "" ? en : zh, en: en === "" ? zh : en };
