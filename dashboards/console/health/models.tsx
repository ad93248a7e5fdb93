import type { ModelView } from "../../api/api.ts";
import { TableFrame } from "../controls/table-frame.tsx";
import { numberText } from "../format/number.ts";
import { spanText } from "../format/time.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { HEALTH_WORDS } from "./words.ts";

const MODELS_MAX = 20;

/** What fails most for each device and year; what too little is known of is not ranked. */
export function ModelTable({ models }: { readonly models: readonly ModelView[] }) {
  const { t, locale, local } = useSpeech();
  const words = useWords(HEALTH_WORDS);
  const ranked = models
    .toSorted(
      (a, b) =>
        (a.rank ?? Number.MAX_SAFE_INTEGER) - (b.rank ?? Number.MAX_SAFE_INTEGER) || b.failures - a.failures,
    )
    .slice(0, MODELS_MAX);
  return (
    <section>
      <h2>{words.models}</h2>
      <TableFrame label={words.models}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col" className="number">
                {words.rank}
              </th>
              <th scope="col">{words.name}</th>
              <th scope="col" className="number">
                {words.devices}
              </th>
              <th scope="col" className="number">
                {words.failures}
              </th>
              <th scope="col" className="number">
                {words.perYear}
              </th>
              <th scope="col" className="number">
                {words.mttr}
              </th>
            </tr>
          </thead>
          <tbody>
            {ranked.map((model) => (
              <tr key={model.key}>
                <td className="number">{model.rank ?? "—"}</td>
                <th scope="row">{local(model.title)}</th>
                <td className="number value">{numberText(model.devices, locale)}</td>
                <td className="number value">{numberText(model.failures, locale)}</td>
                <td className="number value">
                  {model.enough && model.failuresPerYear !== undefined ? (
                    numberText(model.failuresPerYear, locale, 2)
                  ) : (
                    <span className="quiet">{words.notEnough}</span>
                  )}
                </td>
                <td className="number value">
                  {model.meanTimeToRepair_ms === undefined ? "—" : spanText(model.meanTimeToRepair_ms, t)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <p className="footnote">{words.modelsNote}</p>
    </section>
  );
}
