import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";
import { Link } from "wouter";
import type { AlarmDetail } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { LoadedPart } from "../controls/loaded-part.tsx";
import { placeText } from "../format/place.ts";
import { agoText, momentText, spanText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { ApiProblem, getJson } from "../live/http.ts";
import { useAlarms, useSite } from "../live/live.tsx";
import { Icon } from "../shell/icons.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { AlarmActions } from "./actions.tsx";
import { ASSIGN_WORDS } from "./assign-words.ts";
import { EvidenceTable } from "./evidence.tsx";
import { isUnacknowledged } from "./lifecycle.ts";
import { PriorityBadge } from "./priority.tsx";
import { AlarmRow } from "./row.tsx";
import { ToldList } from "./told.tsx";
import { TransitionList } from "./transitions.tsx";

/** Not in the first load: an alarm is dealt with before a work order is written. */
const OrdersOfAlarm = lazy(() => import("../work-orders/of-subject.tsx"));

const AlarmPlace = lazy(() => import("../plans/alarm-place.tsx"));
const Confirmation = lazy(() => import("./confirm.tsx"));
const PictureStrip = lazy(() => import("./pictures.tsx"));
/** While a picture is on its way, it is looked for. */
const PICTURE_MS = 2_000;

interface Props {
  readonly id: string;
  readonly onSelect: (id: string) => void;
}

/** Everything about one alarm: what, where, why, what to do about it, and the one button. */
export default function AlarmDetailPane({ id, onSelect }: Props) {
  const { t } = useSpeech();
  const { alarms } = useAlarms();
  const updatedAt = alarms.get(id)?.updatedAt;
  const query = useQuery({
    // What the stream says has changed is fetched again; meanwhile the last known detail stays.
    queryKey: ["alarm", id, updatedAt ?? "unlisted"],
    queryFn: ({ signal }) => getJson<AlarmDetail>(`/api/v1/alarms/${encodeURIComponent(id)}`, signal),
    placeholderData: (previous) => (previous?.id === id ? previous : undefined),
    refetchInterval: ({ state: { data } }) => (data?.pictures.some(isComing) === true ? PICTURE_MS : false),
  });
  return (
    <section className="detail" aria-label={t.alarms.detail} tabIndex={-1} id="alarm-detail">
      <button type="button" className="back-button" onClick={() => onSelect("")}>
        <Icon name="back" />
        {t.back}
      </button>
      {query.data !== undefined && <Detail alarm={query.data} onSelect={onSelect} />}
      {query.isPending && <p className="quiet-note">{t.loading}</p>}
      {query.error !== null &&
        (query.error instanceof ApiProblem && query.error.status === 404 ? (
          <p className="quiet-note">{t.alarms.missing}</p>
        ) : (
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        ))}
    </section>
  );
}

function Detail({ alarm, onSelect }: { readonly alarm: AlarmDetail; readonly onSelect: Props["onSelect"] }) {
  const { t, language, local } = useSpeech();
  const site = useSite();
  const { alarms } = useAlarms();
  const unacknowledged = isUnacknowledged(alarm);
  const symptoms = alarm.symptomIds.flatMap((each) => alarms.get(each) ?? []);
  return (
    <article>
      <header className="detail-header" data-priority={alarm.priority}>
        <PriorityBadge priority={alarm.priority} calm={!unacknowledged} />
        <div>
          <h2>
            {alarm.drill !== undefined && <span className="drill-mark">{t.alarms.drill}</span>}
            {local(alarm.title)}
          </h2>
          <p className="detail-subtitle">
            <span className="state-word" data-unacknowledged={unacknowledged}>
              {t.priority[alarm.priority]} · {t.alarmState[alarm.state]}
            </span>
            {alarm.occurrence > 1 && <span>{t.alarms.occurrence(alarm.occurrence)}</span>}
          </p>
        </div>
      </header>

      <AlarmActions key={alarm.id} alarm={alarm} />

      {alarm.confirmable !== undefined && (
        <LoadedPart>
          <Confirmation alarm={alarm} />
        </LoadedPart>
      )}

      {alarm.causeId !== undefined && (
        <p>
          {t.alarms.causeLink}：
          <button type="button" className="link-button" onClick={() => onSelect(alarm.causeId ?? "")}>
            {causeTitle(alarms.get(alarm.causeId)?.title, local) ?? alarm.causeId}
          </button>
        </p>
      )}

      <dl className="facts">
        <Fact title={t.alarms.place}>{placeText(site, alarm.device.path, language)}</Fact>
        <Fact title={t.alarms.device}>
          <Link href={`/devices?device=${encodeURIComponent(alarm.device.key)}`}>
            {local(alarm.device.title)}
          </Link>
        </Fact>
        <Times alarm={alarm} />
      </dl>

      <LoadedPart>
        <PictureStrip alarm={alarm} />
      </LoadedPart>

      <LoadedPart>
        <AlarmPlace device={alarm.device.key} />
      </LoadedPart>

      <section>
        <h3>{t.alarms.cardTitle}</h3>
        <div className="card-text">
          <p className="card-action">
            <span>{t.alarms.cardAction}</span>
            {local(alarm.card.action)}
          </p>
          <p>
            <span>{t.alarms.cardCause}</span>
            {local(alarm.card.cause)}
          </p>
          <p>
            <span>{t.alarms.cardConsequence}</span>
            {local(alarm.card.consequence)}
          </p>
        </div>
      </section>

      <section>
        <h3>{t.alarms.whyTitle}</h3>
        <p className="explanation">{local(alarm.explanation)}</p>
        <EvidenceTable evidence={alarm.evidence} />
        <p className="footnote">{t.alarms.rule(alarm.rule, alarm.ruleVersion)}</p>
      </section>

      {symptoms.length > 0 && (
        <section>
          <h3>
            {t.alarms.symptomList} ({symptoms.length})
          </h3>
          <ul className="plain-list">
            {symptoms.map((symptom) => (
              <li key={symptom.id}>
                <AlarmRow alarm={symptom} selected={false} onSelect={onSelect} />
              </li>
            ))}
          </ul>
        </section>
      )}

      <ToldList alarm={alarm.id} updatedAt={alarm.updatedAt} />
      <LoadedPart>
        <OrdersOfAlarm alarm={alarm.id} title={local(alarm.title)} />
      </LoadedPart>

      <section>
        <h3>{t.alarms.transitions}</h3>
        <TransitionList transitions={alarm.transitions} />
      </section>
    </article>
  );
}

function isComing({ state }: AlarmDetail["pictures"][number]): boolean {
  return state === "wanted" || state === "asked";
}

function causeTitle<T>(title: T | undefined, local: (title: T) => string): string | undefined {
  return title === undefined ? undefined : local(title);
}

function Fact({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Times({ alarm }: { readonly alarm: AlarmDetail }) {
  const { t, locale } = useSpeech();
  const words = useWords(ASSIGN_WORDS);
  const now = useNow();
  const deadline = alarm.raisedAt + alarm.respondWithin_ms;
  const moment = (at: number): string => `${momentText(at, now, locale)} · ${agoText(at, now, t)}`;
  return (
    <>
      <Fact title={t.alarms.raised}>{moment(alarm.raisedAt)}</Fact>
      {isUnacknowledged(alarm) && (
        <Fact title={t.alarms.deadline}>
          <span className="deadline" data-over={now > deadline}>
            {momentText(deadline, now, locale)} ·{" "}
            {now > deadline
              ? t.alarms.deadlineOver(spanText(now - deadline, t))
              : t.alarms.deadlineLeft(spanText(deadline - now, t))}
          </span>
        </Fact>
      )}
      <Fact title={t.alarms.received}>{momentText(alarm.receivedAt, now, locale)}</Fact>
      {alarm.assigned !== undefined && (
        <Fact title={words.whose}>
          {alarm.assigned.to} · {words.givenBy(alarm.assigned.by)} ·{" "}
          {momentText(alarm.assigned.at, now, locale)}
        </Fact>
      )}
      {alarm.returnedAt !== undefined && <Fact title={t.alarms.returned}>{moment(alarm.returnedAt)}</Fact>}
      {alarm.acknowledged !== undefined && (
        <Fact title={t.alarms.acknowledgedAt}>
          {momentText(alarm.acknowledged.at, now, locale)} · {alarm.acknowledged.by}
          {alarm.acknowledged.comment !== undefined && (
            <q className="comment">{alarm.acknowledged.comment}</q>
          )}
        </Fact>
      )}
    </>
  );
}
