import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { DeclarationView, StandardView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { numberText } from "../format/number.ts";
import { momentText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson } from "../live/http.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { DeclareDialog } from "./declare-dialog.tsx";
import type { Declarable } from "./items.tsx";
import { STANDARD_WORDS } from "./words.ts";

/** What people stated, the newest first, and the numbers of the school that thresholds depend on. */
export function Declarations({
  base,
  campus,
  standard,
}: {
  readonly base: string;
  readonly campus: string;
  readonly standard: StandardView;
}) {
  const { locale, local } = useSpeech();
  const words = useWords(STANDARD_WORDS);
  const now = useNow();
  const [declaring, setDeclaring] = useState<Declarable>();
  const query = useQuery({
    queryKey: ["standards", "declarations", base, campus],
    queryFn: ({ signal }) =>
      getJson<readonly DeclarationView[]>(
        `${base}/declarations?campus=${encodeURIComponent(campus)}`,
        signal,
      ),
  });
  const numbers = standard.declarable.filter(({ kind }) => kind === "number");
  const titleOf = (about: string): string => {
    const known = standard.declarable.find((each) => each.about === about);
    return known === undefined ? about : local(known.title);
  };
  return (
    <section>
      <h2>{words.declarations}</h2>
      {numbers.length > 0 && (
        <p className="toolbar no-print">
          {words.numbers}
          {numbers.map((each) => (
            <button key={each.about} type="button" className="button" onClick={() => setDeclaring(each)}>
              {local(each.title)}
            </button>
          ))}
        </p>
      )}
      {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.length === 0 && <p className="quiet-note">{words.noDeclarations}</p>}
      {query.data !== undefined && query.data.length > 0 && (
        <TableFrame label={words.declarations}>
          <table className="table">
            <tbody>
              {query.data.map((each) => (
                <tr key={`${each.about} ${each.at}`}>
                  <th scope="row">{titleOf(each.about)}</th>
                  <td className="value">
                    {typeof each.value === "boolean"
                      ? each.value
                        ? words.yes
                        : words.no
                      : numberText(each.value, locale, 2)}
                  </td>
                  <td>{each.evidence}</td>
                  <td>
                    {each.by} · {momentText(each.at, now, locale)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {declaring !== undefined && (
        <DeclareDialog
          base={base}
          campus={campus}
          about={declaring}
          onClose={() => setDeclaring(undefined)}
        />
      )}
    </section>
  );
}
