import type { CalendarView, ChannelView, DeskView } from "@campus-ops/rules/api";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { placeText } from "../../format/place.ts";
import { dayAndMinuteText } from "../../format/time.ts";
import { getJson } from "../../live/http.ts";
import { useSite } from "../../live/live.tsx";
import { useSpeech, useWords } from "../../text/language.tsx";
import { SaveBar } from "../save-bar.tsx";
import { useSetting } from "../use-setting.ts";
import { SETTING_WORDS } from "../words.ts";
import { ChannelDialog } from "./channel-dialog.tsx";
import { ChannelTest } from "./channel-test.tsx";
import { DeskDialog } from "./desk-dialog.tsx";
import { type NotifyDraft, readNotify, withoutChannel, withoutDesk } from "./draft.ts";
import { Escalation } from "./escalation.tsx";
import { DESK_WORDS } from "./words.ts";
import "../settings.css";

const LOOK_MS = 5_000;
/** What is being edited: undefined for nothing, empty for a new one. */
type Edited = { readonly what: "desk" | "channel"; readonly id: string } | undefined;

/** Who is told of an alarm beside the console, by which way, and who next. */
export default function DesksPage() {
  const { t } = useSpeech();
  const words = useWords(DESK_WORDS);
  const edited = useSetting("notify", readNotify);
  const { change, dirty, draft, setting } = edited;
  const [open, setOpen] = useState<Edited>();
  const calendar = useQuery({
    queryKey: ["calendar"],
    queryFn: ({ signal }) => getJson<CalendarView>("/api/v1/calendar", signal),
  });
  const close = (): void => setOpen(undefined);
  const first = open?.id ?? "";
  return (
    <div className="settings">
      <header>
        <h1>{words.title}</h1>
        <p className="quiet-note">{words.intro}</p>
      </header>
      {setting === undefined && edited.error === null && <p className="quiet-note">{t.loading}</p>}
      <SaveBar edited={edited} part="rules" />
      {setting !== undefined && (
        <>
          <Desks draft={draft} onChange={change} onEdit={(id) => setOpen({ what: "desk", id })} />
          <Channels
            draft={draft}
            dirty={dirty}
            onChange={change}
            onEdit={(id) => setOpen({ what: "channel", id })}
          />
          <Escalation draft={draft} onChange={change} />
        </>
      )}
      {open?.what === "desk" && (
        <DeskDialog
          id={first}
          desk={draft.desks[first]}
          channels={Object.keys(draft.channels)}
          windows={calendar.data?.windows ?? []}
          onClose={close}
          onDone={(id, desk) => {
            change({ ...draft, desks: { ...draft.desks, [id]: desk } });
            close();
          }}
        />
      )}
      {open?.what === "channel" && (
        <ChannelDialog
          id={first}
          channel={draft.channels[first]}
          onClose={close}
          onDone={(id, channel, files) => {
            change({ ...draft, channels: { ...draft.channels, [id]: channel } }, files);
            close();
          }}
        />
      )}
    </div>
  );
}

interface ListProps {
  readonly draft: NotifyDraft;
  readonly onChange: (draft: NotifyDraft) => void;
  readonly onEdit: (id: string) => void;
}

function Desks({ draft, onChange, onEdit }: ListProps) {
  const { language, local, locale } = useSpeech();
  const words = useWords(DESK_WORDS);
  const common = useWords(SETTING_WORDS);
  const site = useSite();
  const { data = [] } = useQuery({
    queryKey: ["desks"],
    queryFn: ({ signal }) => getJson<readonly DeskView[]>("/api/v1/desks", signal),
    refetchInterval: LOOK_MS,
  });
  const desks = Object.entries(draft.desks);
  return (
    <section>
      <h2>{words.desks}</h2>
      {desks.length === 0 && <p className="quiet-note">{words.noDesks}</p>}
      <ul className="plain-list">
        {desks.map(([id, { channels, during, scope = [], title }]) => {
          const now = data.find((each) => each.id === id);
          const places =
            scope.length === 0 ? words.everywhere : scope.map((path) => placeText(site, path, language));
          return (
            <li key={id} className="settings-card">
              <h3>{local(title)}</h3>
              <p>
                {words.places}: {String(places)} · {words.during}: {during ?? words.always} ·{" "}
                {words.ofChannels}: {channels.length === 0 ? "—" : channels.join(", ")}
              </p>
              {now !== undefined && (
                <p className="quiet-note">
                  {now.staffed ? words.staffed : words.unstaffed} ·{" "}
                  {now.held === undefined
                    ? words.notHeld
                    : words.held(now.held.by, dayAndMinuteText(now.held.since, locale))}{" "}
                  · <Link href={`/alarms/hand-over?desk=${id}`}>{words.handOver}</Link>
                </p>
              )}
              <div className="row-actions">
                <button
                  type="button"
                  className="button"
                  aria-label={`${common.edit}: ${local(title)}`}
                  onClick={() => onEdit(id)}
                >
                  {common.edit}
                </button>
                <button
                  type="button"
                  className="button"
                  aria-label={`${common.remove}: ${local(title)}`}
                  onClick={() => onChange(withoutDesk(draft, id))}
                >
                  {common.remove}
                </button>
              </div>
            </li>
          );
        })}
      </ul>
      <button type="button" className="button" onClick={() => onEdit("")}>
        {words.addDesk}
      </button>
    </section>
  );
}

function Channels({ draft, dirty, onChange, onEdit }: ListProps & { readonly dirty: boolean }) {
  const words = useWords(DESK_WORDS);
  const common = useWords(SETTING_WORDS);
  const { data = [] } = useQuery({
    queryKey: ["channels"],
    queryFn: ({ signal }) => getJson<readonly ChannelView[]>("/api/v1/channels", signal),
    refetchInterval: LOOK_MS,
  });
  const channels = Object.entries(draft.channels);
  return (
    <section>
      <h2>{words.channels}</h2>
      {channels.length === 0 && <p className="quiet-note">{words.noChannels}</p>}
      <ul className="plain-list">
        {channels.map(([id, { kind }]) => {
          const now = data.find((each) => each.id === id);
          return (
            <li key={id} className="settings-card">
              <h3>
                {id} · {words.kinds[kind]}
              </h3>
              {now !== undefined && (
                <p>
                  <strong>{now.alive ? words.alive : words.dead}</strong>
                  {now.waiting > 0 && ` · ${words.waiting(now.waiting)}`} ·{" "}
                  {now.detail === "" ? words.neverSaid : words.lastWord(now.detail)}
                </p>
              )}
              <ChannelTest id={id} disabled={dirty || now === undefined} />
              <div className="row-actions">
                <button
                  type="button"
                  className="button"
                  aria-label={`${common.edit}: ${id}`}
                  onClick={() => onEdit(id)}
                >
                  {common.edit}
                </button>
                <button
                  type="button"
                  className="button"
                  aria-label={`${common.remove}: ${id}`}
                  onClick={() => onChange(withoutChannel(draft, id))}
                >
                  {common.remove}
                </button>
              </div>
            </li>
          );
        })}
      </ul>
      <button type="button" className="button" onClick={() => onEdit("")}>
        {words.addChannel}
      </button>
    </section>
  );
}
