import type { AlarmView, Priority } from "@campus-ops/rules/api";
import type { RefObject } from "react";
import { Segmented } from "../controls/segmented.tsx";
import { Select } from "../controls/select.tsx";
import { useSite } from "../live/live.tsx";
import { useMe } from "../live/me.ts";
import { Icon } from "../shell/icons.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { ASSIGN_WORDS } from "./assign-words.ts";
import type { AlarmFilter } from "./filter.ts";
import { isActive, isUnacknowledged, PRIORITIES } from "./lifecycle.ts";
import { PriorityBadge } from "./priority.tsx";
import { useSound } from "./sound.tsx";

interface Props {
  readonly filter: AlarmFilter;
  /** Those of the campus chosen, whatever their priority: the chips count them. */
  readonly alarms: readonly AlarmView[];
  readonly searchRef: RefObject<HTMLInputElement | null>;
  readonly change: (changes: Readonly<Record<string, string>>) => void;
  readonly onHelp: () => void;
}

export function AlarmToolbar({ filter, alarms, searchRef, change, onHelp }: Props) {
  const { t, local } = useSpeech();
  const words = useWords(ASSIGN_WORDS);
  const me = useMe()?.user ?? "";
  const site = useSite();
  const campuses = site?.counties.flatMap((county) => county.campuses) ?? [];
  const toggle = (priority: Priority): void => {
    const next = new Set(filter.priorities);
    if (!next.delete(priority)) next.add(priority);
    change({ priority: [...next].toSorted().join(",") });
  };
  return (
    <search className="toolbar" aria-label={t.alarms.filters}>
      <div className="chips">
        {PRIORITIES.map((priority) => {
          const active = alarms.filter((alarm) => alarm.priority === priority && isActive(alarm));
          const unacknowledged = active.filter(isUnacknowledged).length;
          return (
            <button
              key={priority}
              type="button"
              className="chip"
              aria-pressed={filter.priorities.has(priority)}
              title={t.alarms.priorityChip(t.priority[priority], unacknowledged, active.length)}
              onClick={() => toggle(priority)}
            >
              <PriorityBadge priority={priority} calm={unacknowledged === 0} />
              <span className="chip-word">{t.priority[priority]}</span>
              <span className="chip-count">
                <strong>{unacknowledged}</strong>/{active.length}
              </span>
            </button>
          );
        })}
      </div>
      <Select
        label={t.alarms.campus}
        value={filter.campus}
        options={[
          { value: "", title: t.alarms.allCampuses },
          ...campuses.map((campus) => ({ value: campus.id as string, title: local(campus.title) })),
        ]}
        onChange={(campus) => change({ campus })}
      />
      <Segmented
        label={t.alarms.state}
        options={[
          { value: "active", title: t.alarms.active },
          { value: "all", title: t.alarms.history },
        ]}
        value={filter.state}
        onChange={(state) => change({ state: state === "active" ? "" : state })}
      />
      <button
        type="button"
        className="chip"
        aria-pressed={filter.assignee !== ""}
        onClick={() => change({ assignee: filter.assignee === "" ? me : "" })}
      >
        {filter.assignee === "" || filter.assignee === me ? words.mine : words.given(filter.assignee)}
      </button>
      <label className="field search">
        <span className="visually-hidden">{t.search}</span>
        <Icon name="search" />
        <input
          ref={searchRef}
          type="search"
          placeholder={t.alarms.searchPlaceholder}
          value={filter.search}
          onChange={(event) => change({ q: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
          }}
        />
      </label>
      <SoundControls />
      <button
        type="button"
        className="icon-button"
        aria-label={t.help.open}
        title={t.help.open}
        onClick={onHelp}
      >
        <Icon name="keyboard" />
      </button>
    </search>
  );
}

function SoundControls() {
  const { t } = useSpeech();
  const sound = useSound();
  const muted = sound.muted_ms > 0;
  return (
    <div className="sound-controls">
      {sound.enabled && (
        <button
          type="button"
          className="button"
          aria-keyshortcuts="m"
          title={muted ? t.sound.unmute : undefined}
          onClick={muted ? sound.unmute : sound.mute}
        >
          <Icon name={muted ? "muted" : "sound"} />
          <span className="button-word">
            {muted ? t.sound.muted(Math.ceil(sound.muted_ms / 1000)) : t.sound.mute}
          </span>
        </button>
      )}
      <button
        type="button"
        className={sound.enabled ? "icon-button" : "button"}
        data-warning={!sound.enabled}
        aria-label={sound.enabled ? t.sound.disable : t.sound.enable}
        title={sound.enabled ? t.sound.disable : t.sound.enable}
        onClick={() => sound.setEnabled(!sound.enabled)}
      >
        <Icon name={sound.enabled ? "muted" : "sound"} />
        {!sound.enabled && t.sound.off}
      </button>
    </div>
  );
}
