import type { AlarmView } from "@campus-ops/rules/api";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import { useShortcuts } from "../controls/shortcuts.ts";
import type { Alarms } from "../live/desk.ts";
import { Icon } from "../shell/icons.tsx";
import { useSpeech } from "../text/language.tsx";
import type { AlarmGroup } from "./grouping.ts";
import { pinRed } from "./list-order.ts";
import { AlarmRow } from "./row.tsx";
import { useHeld, usePresented } from "./use-presented.ts";

const ROW_HEIGHT_PX = 76;
const OVERSCAN_ROWS = 8;

interface Item {
  readonly alarm: AlarmView;
  readonly symptoms: readonly AlarmView[];
  readonly symptom: boolean;
}

/** The red ones pinned above, the others in a list of any length below. */
export function AlarmList({
  groups,
  alarms,
  selected,
  onSelect,
}: {
  /** In order, newest first. */
  readonly groups: readonly AlarmGroup[];
  /** Also those that have just left the groups: a held row keeps its place. */
  readonly alarms: Alarms;
  readonly selected: string;
  readonly onSelect: (id: string) => void;
}) {
  const { t } = useSpeech();
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const sections = pinRed(groups);
  const pinnedHold = useHeld();
  const restHold = useHeld();
  const pinned = usePresented(idsOf(sections.pinned), pinnedHold.held, "append");
  const rest = usePresented(idsOf(sections.rest), restHold.held, "wait");

  const byId = new Map(groups.map((group) => [group.alarm.id, group]));
  const itemsOf = (ids: readonly string[]): readonly Item[] =>
    ids.flatMap((id) => {
      const alarm = byId.get(id)?.alarm ?? alarms.get(id);
      if (alarm === undefined) return [];
      const symptoms = byId.get(id)?.symptoms ?? [];
      const below = expanded.has(id) ? symptoms : [];
      return [
        { alarm, symptoms, symptom: false },
        ...below.map((each) => ({ alarm: each, symptoms: [], symptom: true })),
      ];
    });
  const pinnedItems = itemsOf(pinned.presented.shown);
  const restItems = itemsOf(rest.presented.shown);

  const pinnedRef = useRef<HTMLUListElement>(null);
  const scrollRef = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: restItems.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ROW_HEIGHT_PX,
    getItemKey: (index) => itemKey(restItems[index]) ?? index,
    overscan: OVERSCAN_ROWS,
  });

  // A red alarm that pins itself pushes the list down; scrolling by as much keeps the rows under the cursor.
  const pinnedHeight = useRef(0);
  const { held } = restHold;
  useLayoutEffect(() => {
    const height = pinnedRef.current?.offsetHeight ?? 0;
    const grown = height - pinnedHeight.current;
    pinnedHeight.current = height;
    if (held && grown !== 0) scrollRef.current?.scrollBy(0, grown);
  });

  const move = (step: number): void => {
    const all = [...pinnedItems, ...restItems];
    const at = all.findIndex(({ alarm }) => alarm.id === selected);
    const next = all[at === -1 ? 0 : Math.max(0, Math.min(all.length - 1, at + step))];
    if (next === undefined) return;
    onSelect(next.alarm.id);
    const index = restItems.indexOf(next);
    if (index >= 0) virtualizer.scrollToIndex(index);
  };
  useShortcuts({ ArrowDown: () => move(1), ArrowUp: () => move(-1) });

  const toggle = (id: string): void =>
    setExpanded((previous) => {
      const next = new Set(previous);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const row = (item: Item) => (
    <div className="alarm-item" data-symptom={item.symptom}>
      <AlarmRow alarm={item.alarm} selected={item.alarm.id === selected} onSelect={onSelect} />
      {item.symptoms.length > 0 && (
        <button
          type="button"
          className="alarm-symptoms"
          aria-expanded={expanded.has(item.alarm.id)}
          onClick={() => toggle(item.alarm.id)}
        >
          <Icon name="chevron" />
          {expanded.has(item.alarm.id)
            ? t.alarms.hideSymptoms(item.symptoms.length)
            : t.alarms.showSymptoms(item.symptoms.length)}
        </button>
      )}
    </div>
  );
  const { waiting } = rest.presented;

  return (
    <div className="alarm-list">
      {pinnedItems.length > 0 && (
        <ul className="alarm-pinned" aria-label={t.alarms.pinned} ref={pinnedRef} {...pinnedHold.handlers}>
          {pinnedItems.map((item) => (
            <li key={itemKey(item)}>{row(item)}</li>
          ))}
        </ul>
      )}
      {waiting.length > 0 && (
        <button
          type="button"
          className="alarm-waiting"
          onClick={() => {
            rest.release();
            scrollRef.current?.scrollTo({ top: 0 });
          }}
        >
          <strong>{t.alarms.newWaiting(waiting.length)}</strong> {t.alarms.newWaitingHint}
        </button>
      )}
      <div className="alarm-scroll" ref={scrollRef} {...restHold.handlers}>
        <ul aria-label={t.alarms.list} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((virtual) => {
            const item = restItems[virtual.index];
            return (
              item !== undefined && (
                <li
                  key={virtual.key}
                  ref={virtualizer.measureElement}
                  data-index={virtual.index}
                  aria-posinset={virtual.index + 1}
                  aria-setsize={restItems.length}
                  style={{ transform: `translateY(${virtual.start}px)` }}
                >
                  {row(item)}
                </li>
              )
            );
          })}
        </ul>
      </div>
    </div>
  );
}

const idsOf = (groups: readonly AlarmGroup[]): readonly string[] => groups.map(({ alarm }) => alarm.id);

const itemKey = (item: Item | undefined): string | undefined =>
  item && `${item.symptom ? "symptom " : ""}${item.alarm.id}`;
