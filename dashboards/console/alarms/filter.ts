import type { AlarmView, Priority } from "@campus-ops/rules/api";
import { isActive, PRIORITIES } from "./lifecycle.ts";

export interface AlarmFilter {
  readonly campus: string;
  /** Empty means every priority. */
  readonly priorities: ReadonlySet<Priority>;
  readonly state: "active" | "all";
  /** Name of whose alarms are wanted; empty means everybody's and nobody's. */
  readonly assignee: string;
  readonly search: string;
}

/** `inWords` gives everything the person sees of an alarm, so that the search finds what is on the screen. */
export function filterAlarms(
  alarms: Iterable<AlarmView>,
  filter: AlarmFilter,
  inWords: (alarm: AlarmView) => string,
): readonly AlarmView[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  return [...alarms].filter((alarm) => {
    if (filter.state === "active" && !isActive(alarm)) return false;
    if (filter.campus !== "" && alarm.device.campus !== filter.campus) return false;
    if (filter.assignee !== "" && alarm.assigned?.to !== filter.assignee) return false;
    if (filter.priorities.size > 0 && !filter.priorities.has(alarm.priority)) return false;
    if (words.length === 0) return true;
    const haystack = inWords(alarm).toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

/** The filter lives in the page's address, so that it can be linked to and survives a reload. */
export function filterFromAddress(params: URLSearchParams): AlarmFilter {
  const named = new Set(params.get("priority")?.split(",") ?? []);
  return {
    campus: params.get("campus") ?? "",
    priorities: new Set(PRIORITIES.filter((priority) => named.has(String(priority)))),
    state: params.get("state") === "all" ? "all" : "active",
    assignee: params.get("assignee") ?? "",
    search: params.get("q") ?? "",
  };
}
