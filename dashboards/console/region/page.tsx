import { Link, useLocation } from "wouter";
import type { RollupView } from "../../api/api.ts";
import { useAddress } from "../controls/address.ts";
import { csvText, downloadText } from "../controls/csv.ts";
import { Failure } from "../controls/failure.tsx";
import { dayInput } from "../controls/period.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { useRollups } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { Comparison } from "./comparison.tsx";
import { CompletenessWord, KeyFigures, PriorityCounts } from "./figures.tsx";
import { RegionMap } from "./map.tsx";
import { missingInWords } from "./missing.ts";
import { rangeBounds, rangeFromAddress } from "./range.ts";
import { RangeChoice } from "./range-choice.tsx";
import { Tiles } from "./tiles.tsx";
import { COLUMNS, findPath, trail } from "./tree.ts";
import { Trend } from "./trend.tsx";
import { REGION_WORDS } from "./words.ts";
import "./region.css";

/** City, county, campus: one level at a time, the children as tiles and side by side. */
export default function RegionPage() {
  const { t, locale, local } = useSpeech();
  const words = useWords(REGION_WORDS);
  const { params, change } = useAddress();
  const [, navigate] = useLocation();
  const range = rangeFromAddress(params);
  const { from, to } = rangeBounds(range, useNow());
  const query = useRollups(from, to);
  const root = query.data;
  const view = root && (findPath(root, params.get("at") ?? root.path) ?? root);

  const exportViews = (views: readonly RollupView[]): void => {
    const head = ["path", "name", ...COLUMNS.map(({ id }) => id)];
    const rows = views.map((each) => [
      each.path,
      local(each.title),
      ...COLUMNS.map(({ value }) => value(each)),
    ]);
    downloadText(`${words.file}-${dayInput(from)}.csv`, csvText([head, ...rows]));
  };
  const open = (child: RollupView): void => {
    if (child.level === "campus") navigate(`/campus/${child.path.split("/").at(-1)}?range=${range}`);
    else change({ at: child.path });
  };
  return (
    <div className="overview">
      <header className="overview-header">
        <div>
          <nav aria-label={t.region.path} className="breadcrumbs">
            {root !== undefined &&
              view !== undefined &&
              trail(root, view.path).map((each) =>
                each === view ? (
                  <h1 key={each.path}>{local(each.title)}</h1>
                ) : (
                  <button key={each.path} type="button" className="link-button" onClick={() => open(each)}>
                    {local(each.title)}
                  </button>
                ),
              )}
          </nav>
          {view !== undefined && (
            <p className="quiet-note">
              {t.region.period(dayAndMinuteText(view.from, locale), dayAndMinuteText(view.to, locale))}
            </p>
          )}
        </div>
        <div className="overview-controls no-print">
          <RangeChoice value={range} onChange={(next) => change({ range: next === "today" ? "" : next })} />
          <button
            type="button"
            className="button"
            disabled={view === undefined}
            onClick={() => view !== undefined && exportViews(view.children)}
          >
            {words.export}
          </button>
          <button type="button" className="button" onClick={() => window.print()}>
            {words.print}
          </button>
          <Link className="button" href="/region/wall">
            {words.wall}
          </Link>
        </div>
      </header>
      {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <p className="quiet-note">{t.loading}</p>}
      {view !== undefined && (
        <>
          <PriorityCounts view={view} />
          <KeyFigures view={view} />
          <p className="completeness-words">
            <strong>
              <CompletenessWord view={view} />
            </strong>{" "}
            {missingInWords(view.counts, t, locale).join(" ")}
          </p>
          {view === root && <RegionMap root={root} onOpen={open} />}
          <Tiles views={view.children} onOpen={open} />
          <section>
            <h2>{t.region.compare}</h2>
            <Comparison views={view.children} onOpen={open} />
            <p className="footnote">
              {t.region.foldNote} {t.region.now}
            </p>
          </section>
          <Trend view={view} />
        </>
      )}
    </div>
  );
}
