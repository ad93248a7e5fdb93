import type { StandardReport } from "../../api/api.ts";
import { Verdict } from "../controls/verdict.tsx";
import { numberText, percentText } from "../format/number.ts";
import { fullDateText } from "../format/time.ts";
import { Figure } from "../region/figures.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { STANDARD_WORDS } from "./words.ts";

/** The report at a glance: what it scores, over how much of the standard, and how far the data can be trusted. */
export function ReportSummary({ report }: { readonly report: StandardReport }) {
  const { locale, local } = useSpeech();
  const words = useWords(STANDARD_WORDS);
  const { points } = report;
  const number = (n: number): string => numberText(n, locale, 1);
  const parts = [
    { name: "met", title: words.met, value: points.met },
    { name: "not-met", title: words.notMet, value: points.notMet },
    { name: "not-verified", title: words.notVerified, value: points.notVerified },
    { name: "not-measured", title: words.notMeasured, value: points.notMeasured },
  ];
  return (
    <>
      <dl className="figures">
        <Figure
          title={words.score}
          note={
            report.score === undefined ? words.scoreNone : words.scoreNote(number(points.met + points.notMet))
          }
        >
          {report.score === undefined ? "—" : number(report.score)}
        </Figure>
        <Figure title={words.veto}>
          <Verdict verdict={report.veto} />
        </Figure>
        <Figure title={words.completeness}>{percentText(report.completeness)}</Figure>
        <Figure title={words.examineBy}>{fullDateText(report.examineAgainBy, locale)}</Figure>
      </dl>
      <section>
        <h2>
          {words.points}（{number(points.total)}）
        </h2>
        <ul className="points">
          {parts
            .filter(({ value }) => value > 0)
            .map(({ name, title, value }) => (
              <li key={name} data-part={name} style={{ flexGrow: value }}>
                <span>{title}</span>
                <b className="value">{number(value)}</b>
              </li>
            ))}
        </ul>
        <p className="footnote">
          {words.explain} {words.source}：{local(report.source)}
        </p>
      </section>
    </>
  );
}
