import { useState } from "react";
import type { StandardReport, StandardView } from "../../api/api.ts";
import { useAddress } from "../controls/address.ts";
import { Segmented } from "../controls/segmented.tsx";
import { Verdict } from "../controls/verdict.tsx";
import { numberText, percentText } from "../format/number.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { Check } from "./check.tsx";
import { DeclareDialog } from "./declare-dialog.tsx";
import { STANDARD_WORDS } from "./words.ts";

const VERDICTS = ["not-met", "not-verified", "met"] as const;

export type Declarable = StandardView["declarable"][number];

/** What the standard asks for, item by item; each opens into its checks and their records. */
export function StandardItems({
  report,
  standard,
  base,
}: {
  readonly report: StandardReport;
  readonly standard: StandardView;
  readonly base: string;
}) {
  const { locale, local } = useSpeech();
  const words = useWords(STANDARD_WORDS);
  const { params, change } = useAddress();
  const [declaring, setDeclaring] = useState<Declarable>();
  const wanted = VERDICTS.find((each) => each === params.get("verdict")) ?? "";
  const titles = { met: words.met, "not-met": words.notMet, "not-verified": words.notVerified };
  const items = report.items.filter(({ verdict }) => wanted === "" || verdict === wanted);
  return (
    <section>
      <div className="overview-header">
        <h2>{words.items}</h2>
        <span className="no-print">
          <Segmented
            label={words.items}
            options={[
              { value: "", title: `${words.all} ${report.items.length}` },
              ...VERDICTS.map((value) => ({
                value,
                title: `${titles[value]} ${report.items.filter(({ verdict }) => verdict === value).length}`,
              })),
            ]}
            value={wanted}
            onChange={(verdict) => change({ verdict })}
          />
        </span>
      </div>
      <ul className="plain-list">
        {items.map((item) => (
          <li key={item.id} className="standard-item">
            <details open={params.get("item") === item.id || undefined}>
              <summary className="standard-head">
                <span className="standard-name">
                  <strong>{local(item.title)}</strong>
                  <span className="quiet">
                    {[words.level[item.level], words.clause(item.clause), item.veto ? words.vetoMark : ""]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>
                </span>
                <span className="value">{words.pointsOf(numberText(item.points, locale, 1))}</span>
                <Verdict verdict={item.verdict} />
                <span className="completeness" data-incomplete={item.completeness < 1}>
                  {words.completeness} {percentText(item.completeness)}
                </span>
              </summary>
              {item.checks.map((check) => (
                <Check
                  key={check.id}
                  check={check}
                  declarable={standard.declarable.find(({ about }) => about === check.id)}
                  onDeclare={setDeclaring}
                />
              ))}
            </details>
          </li>
        ))}
      </ul>
      {declaring !== undefined && (
        <DeclareDialog
          base={base}
          campus={report.campus}
          about={declaring}
          onClose={() => setDeclaring(undefined)}
        />
      )}
    </section>
  );
}
