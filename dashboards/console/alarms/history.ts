import { useInfiniteQuery } from "@tanstack/react-query";
import type { AlarmList } from "../../api/api.ts";
import type { Alarms } from "../live/desk.ts";
import { getJson } from "../live/http.ts";

const PAGE_ALARMS = 200;

/** All records, page by page into the past; read only once it is asked for. */
export function useAlarmHistory(enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["alarm-history"],
    enabled,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      getJson<AlarmList>(
        `/api/v1/alarms?state=all&limit=${PAGE_ALARMS}${pageParam === "" ? "" : `&before=${encodeURIComponent(pageParam)}`}`,
        signal,
      ),
    getNextPageParam: (last) => last.before,
  });
}

/** The live list laid over the records: whichever saw an alarm later is right. */
export function withHistory(live: Alarms, pages: readonly AlarmList[]): Alarms {
  const merged = new Map(live);
  for (const { alarms } of pages) {
    for (const alarm of alarms) {
      const known = merged.get(alarm.id);
      if (known === undefined || known.updatedAt < alarm.updatedAt) merged.set(alarm.id, alarm);
    }
  }
  return merged;
}
