import type { AlarmView } from "@campus-ops/rules/api";
import { lazy, useEffect, useMemo, useRef, useState } from "react";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { LoadedPart } from "../controls/loaded-part.tsx";
import { useShortcuts } from "../controls/shortcuts.ts";
import { placeText } from "../format/place.ts";
import { useNow } from "../live/clock.ts";
import { afterFrame } from "../live/frame.ts";
import { useAlarms, useFloods, useSite } from "../live/live.tsx";
import { useSpeech } from "../text/language.tsx";
import { Announcer } from "./announcer.tsx";
import { filterAlarms, filterFromAddress } from "./filter.ts";
import { collapseLow, detectFlood, toldFlood } from "./flood.ts";
import { groupByCause } from "./grouping.ts";
import { HelpDialog, KeyTable } from "./help-dialog.tsx";
import { useAlarmHistory, withHistory } from "./history.ts";
import { isActive } from "./lifecycle.ts";
import { AlarmList } from "./list.tsx";
import { newestFirst } from "./list-order.ts";
import { useSound } from "./sound.tsx";
import { AlarmToolbar } from "./toolbar.tsx";
import "./detail.css";
import "./alarms.css";

/** Both come after the list: they bring the dictionary of readings with them, which the list does without. */
const loadDetail = () => import("./detail.tsx");
const AlarmDetailPane = lazy(loadDetail);
const EmptyDesk = lazy(() => import("./empty.tsx"));

/** The duty desk. */
export function AlarmsPage() {
  const { t, language, local } = useSpeech();
  const { alarms: live, query } = useAlarms();
  const floods = useFloods();
  const site = useSite();
  const now = useNow();
  const sound = useSound();
  const { params, change } = useAddress();
  // Before anybody asks for it, and before the hub may be away.
  useEffect(() => afterFrame(() => void loadDetail().catch(() => undefined)), []);
  const [helping, setHelping] = useState(false);
  const [floodOpened, setFloodOpened] = useState(false);
  const searchRef = useRef<HTMLInputElement>(null);

  const filter = useMemo(() => filterFromAddress(params), [params]);
  const history = useAlarmHistory(filter.state === "all");
  const alarms = useMemo(
    () => (filter.state === "all" ? withHistory(live, history.data?.pages ?? []) : live),
    [live, history.data, filter.state],
  );
  const groups = useMemo(() => {
    const inWords = (alarm: AlarmView): string =>
      [
        local(alarm.title),
        local(alarm.device.title),
        placeText(site, alarm.device.path, language),
        alarm.device.key,
        alarm.rule,
        alarm.assigned?.to ?? "",
      ].join(" ");
    return newestFirst(groupByCause(filterAlarms(alarms.values(), filter, inWords)));
  }, [alarms, filter, local, site, language]);
  const inCampus = useMemo(
    () =>
      filterAlarms(
        live.values(),
        { ...filter, priorities: new Set(), state: "active", assignee: "", search: "" },
        () => "",
      ),
    [live, filter],
  );

  const flood = toldFlood(floods.values(), filter.campus) ?? detectFlood(groups, now);
  const low = filter.state === "active" && filter.priorities.size === 0 && flood.flooded;
  const { kept, collapsed } = low && !floodOpened ? collapseLow(groups) : { kept: groups, collapsed: 0 };

  const selected = params.get("alarm") ?? "";
  const select = (alarm: string): void => change({ alarm });
  useShortcuts({
    m: sound.mute,
    "/": () => searchRef.current?.focus(),
    "?": () => setHelping(true),
    Enter: () => document.getElementById("alarm-detail")?.focus(),
    Escape: () => select(""),
  });
  // Rows keep their places within one view of the list; another filter is another view.
  const view = [
    filter.campus,
    filter.state,
    filter.assignee,
    filter.search,
    [...filter.priorities],
    low && floodOpened,
  ].join("|");

  return (
    <div className="desk" data-selected={selected !== ""}>
      <h1 className="visually-hidden">{t.alarms.title}</h1>
      <Announcer />
      <AlarmToolbar
        filter={filter}
        alarms={inCampus}
        searchRef={searchRef}
        change={change}
        onHelp={() => setHelping(true)}
      />
      <div className="desk-list">
        {low && (
          <div className="flood" role="status">
            <span>
              <strong>{t.alarms.floodTitle(flood.recent)}</strong>
              {collapsed > 0 && ` · ${t.alarms.floodCollapsed(collapsed)}`}
            </span>
            <button type="button" className="button" onClick={() => setFloodOpened(!floodOpened)}>
              {floodOpened ? t.alarms.floodHide : t.alarms.floodShow}
            </button>
          </div>
        )}
        {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <p className="quiet-note">{t.loading}</p>}
        {query.isSuccess && groups.length === 0 && (
          <LoadedPart>
            <EmptyDesk
              hidden={[...live.values()].filter(isActive).length}
              onClear={() => change({ assignee: "", campus: "", priority: "", q: "", state: "" })}
            />
          </LoadedPart>
        )}
        <AlarmList key={view} groups={kept} alarms={alarms} selected={selected} onSelect={select} />
        {filter.state === "all" && history.hasNextPage && (
          <button
            type="button"
            className="button older"
            disabled={history.isFetching}
            onClick={() => void history.fetchNextPage()}
          >
            {t.alarms.older}
          </button>
        )}
      </div>
      {selected === "" ? (
        <aside className="detail detail-empty">
          <p>{t.alarms.choose}</p>
          <KeyTable />
        </aside>
      ) : (
        <LoadedPart about={selected} fallback={<section className="detail" />}>
          <AlarmDetailPane id={selected} onSelect={select} />
        </LoadedPart>
      )}
      {helping && <HelpDialog onClose={() => setHelping(false)} />}
    </div>
  );
}
