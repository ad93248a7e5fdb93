import type { AlarmDifference, BackTestView, Occurrence } from "@campus-ops/rules/api";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Failure } from "../controls/failure.tsx";
import { Segmented } from "../controls/segmented.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { percentText } from "../format/number.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { wallClock } from "../live/clock.ts";
import { getJson, postJson, remove } from "../live/http.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { RULE_WORDS } from "./words.ts";

const DAY_MS = 24 * 3_600_000;
const PROGRESS_MS = 1_000;
const RANGES = { day: DAY_MS, week: 7 * DAY_MS, all: undefined } as const;
type Range = keyof typeof RANGES;

/** What the pack would have made of the past. */
export function BackTest({ pack }: { readonly pack: string }) {
  const { backTest: words } = useWords(RULE_WORDS);
  const [range, setRange] = useState<Range>("day");
  const start = useMutation({
    mutationFn: () => {
      const length_ms = RANGES[range];
      const from = length_ms === undefined ? {} : { from: wallClock() - length_ms };
      return postJson<BackTestView>("/api/v1/back-tests", { pack, ...from });
    },
  });
  const id = start.data?.id ?? "";
  const path = `/api/v1/back-tests/${encodeURIComponent(id)}`;
  const run = useQuery({
    queryKey: ["back-test", id],
    enabled: id !== "",
    queryFn: ({ signal }) => getJson<BackTestView>(path, signal),
    refetchInterval: ({ state }) =>
      state.data === undefined || state.data.state === "running" ? PROGRESS_MS : false,
  });
  const cancel = useMutation({ mutationFn: () => remove(path), onSuccess: () => run.refetch() });
  const view = run.data;
  const running = id !== "" && (view === undefined || view.state === "running");
  const { entries = 0, total = 0 } = view?.progress ?? {};
  return (
    <section>
      <h3>{words.title}</h3>
      <p className="quiet-note">{words.intro}</p>
      <div className="record-buttons">
        <Segmented
          label={words.range}
          options={(Object.keys(RANGES) as Range[]).map((value) => ({ value, title: words[value] }))}
          value={range}
          onChange={setRange}
        />
        <button
          type="button"
          className="button"
          disabled={running || start.isPending}
          onClick={() => start.mutate()}
        >
          {words.start}
        </button>
        {running && (
          <button type="button" className="button" onClick={() => cancel.mutate()}>
            {words.cancel}
          </button>
        )}
      </div>
      {start.error !== null && <Failure error={start.error} title={words.failed} />}
      {run.error !== null && <Failure error={run.error} title={words.failed} />}
      <div role="status">
        {running && (
          <p>
            {words.running(percentText(total === 0 ? 0 : entries / total))}{" "}
            <progress value={entries} max={Math.max(1, total)} aria-label={words.title} />
          </p>
        )}
        {view?.state === "cancelled" && <p>{words.cancelled}</p>}
        {view?.state === "failed" && (
          <p>
            {words.failed}: {view.detail}
          </p>
        )}
        {view?.difference !== undefined && (
          <p>{words.summary(view.difference.before, view.difference.after, view.difference.same)}</p>
        )}
      </div>
      {view?.difference !== undefined && <Difference difference={view.difference} />}
    </section>
  );
}

function Difference({ difference }: { readonly difference: AlarmDifference }) {
  const { backTest: words } = useWords(RULE_WORDS);
  const changed = {
    count: difference.changed.count,
    first: difference.changed.first.map(({ after }) => after),
  };
  return (
    <>
      {difference.cut && <p>{words.cut}</p>}
      <Occurrences title={words.new} {...difference.new} />
      <Occurrences title={words.gone} {...difference.gone} />
      <Occurrences title={words.changed} {...changed} />
    </>
  );
}

/** As many as are read; the platform lists more. */
const SHOWN_MAX = 100;

function Occurrences(props: {
  readonly title: string;
  readonly count: number;
  readonly first: readonly Occurrence[];
}) {
  const { locale, local } = useSpeech();
  const { backTest: words } = useWords(RULE_WORDS);
  const { title, count } = props;
  const first = props.first.slice(0, SHOWN_MAX);
  return (
    <details open={count > 0 && count <= 10}>
      <summary>
        {title}: {count}
      </summary>
      {count > 0 && (
        <TableFrame label={title}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{words.when}</th>
                <th scope="col">{words.rule}</th>
                <th scope="col">{words.device}</th>
                <th scope="col">{words.why}</th>
              </tr>
            </thead>
            <tbody>
              {first.map((each) => (
                <tr key={`${each.alarm} ${each.raisedAt}`}>
                  <td className="figure">{dayAndMinuteText(each.raisedAt, locale)}</td>
                  <td>{each.rule}</td>
                  <td>{local(each.deviceTitle)}</td>
                  <td>{local(each.explanation)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {count > first.length && <p className="footnote">{words.more(count - first.length)}</p>}
    </details>
  );
}
