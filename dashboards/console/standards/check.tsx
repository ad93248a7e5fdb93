import { Link } from "wouter";
import type { StandardReport } from "../../api/api.ts";
import { TableFrame } from "../controls/table-frame.tsx";
import { Verdict } from "../controls/verdict.tsx";
import { percentText } from "../format/number.ts";
import { momentText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { useInventory } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import type { Declarable } from "./items.tsx";
import { checkNumber, foundText, recordNumber } from "./value.ts";
import { STANDARD_WORDS } from "./words.ts";

type CheckReport = StandardReport["items"][number]["checks"][number];

/** One thing that is measured or declared, what was asked and found, and what stands behind it. */
export function Check({
  check,
  declarable,
  onDeclare,
}: {
  readonly check: CheckReport;
  /** Present where a person states it. */
  readonly declarable: Declarable | undefined;
  readonly onDeclare: (about: Declarable) => void;
}) {
  const { locale, local } = useSpeech();
  const words = useWords(STANDARD_WORDS);
  const yes = declarable?.kind === "yes";
  const asked =
    check.atLeast === undefined ? words.unknown : checkNumber(check.atLeast, check.evidence, locale);
  const found = foundText(check, words, locale);
  return (
    <section className="standard-check">
      <div className="standard-check-head">
        <h3>{local(check.title)}</h3>
        <span>
          {words.found}{" "}
          <b className="value">{yes && check.high !== undefined ? yesOrNo(check.low) : found}</b>
        </span>
        <span>
          {words.asked} <b>{yes ? words.yes : check.atLeast === undefined ? asked : words.atLeast(asked)}</b>
        </span>
        <Verdict verdict={check.verdict} />
        <span className="completeness" data-incomplete={check.completeness < 1}>
          {words.completeness} {percentText(check.completeness)}
        </span>
        {declarable !== undefined && (
          <button type="button" className="button no-print" onClick={() => onDeclare(declarable)}>
            {check.records.length === 0 ? words.declare : words.declareAgain}
          </button>
        )}
      </div>
      <p className="quiet-note">
        {words.evidence}：{words.kinds[check.evidence] ?? check.evidence}
        {check.records.length === 0 && ` · ${words.noRecords}`}
      </p>
      {check.records.length > 0 && <CheckRecords check={check} />}
    </section>
  );

  function yesOrNo(value: number): string {
    return value > 0 ? words.yes : words.no;
  }
}

function CheckRecords({ check }: { readonly check: CheckReport }) {
  const { locale, local } = useSpeech();
  const words = useWords(STANDARD_WORDS);
  const { inventory } = useInventory();
  const now = useNow();
  return (
    <details>
      <summary>{words.records(check.records.length + check.recordsLeftOut)}</summary>
      <TableFrame label={`${local(check.title)} · ${words.evidence}`}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{words.recordName}</th>
              <th scope="col" className="number">
                {words.recordValue}
              </th>
              <th scope="col">{words.recordTime}</th>
              <th scope="col">{words.recordNote}</th>
            </tr>
          </thead>
          <tbody>
            {check.records.map((record) => {
              const name = record.title === undefined ? record.subject : local(record.title);
              return (
                <tr key={`${record.subject} ${record.at ?? ""}`}>
                  <th scope="row">
                    {inventory.devices.has(record.subject) ? (
                      <Link href={`/devices?device=${encodeURIComponent(record.subject)}`}>{name}</Link>
                    ) : (
                      name
                    )}
                  </th>
                  <td className="number value">
                    {record.value === undefined
                      ? words.unknown
                      : recordNumber(record.value, check.evidence, locale)}
                  </td>
                  <td>{record.at === undefined ? "" : momentText(record.at, now, locale)}</td>
                  <td>{[record.by, record.note].filter(Boolean).join("：")}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </TableFrame>
      {check.recordsLeftOut > 0 && <p className="footnote">{words.leftOut(check.recordsLeftOut)}</p>}
    </details>
  );
}
