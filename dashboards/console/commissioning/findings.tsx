import { Link } from "wouter";
import type { FindingView } from "../../api/api.ts";
import { TableFrame } from "../controls/table-frame.tsx";
import { percentText } from "../format/number.ts";
import { useMay } from "../live/me.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { CONFIDENCE_MIN } from "./use-commissioning.ts";
import { COMMISSIONING_WORDS } from "./words.ts";

/** Every device that answered, what it said of itself, and which model fits how surely. */
export function Findings({
  findings,
  onAdopt,
}: {
  readonly findings: readonly FindingView[];
  readonly onAdopt: (finding: FindingView) => void;
}) {
  const { local } = useSpeech();
  const words = useWords(COMMISSIONING_WORDS);
  const may = useMay();
  return (
    <TableFrame label={words.found}>
      <table className="table findings">
        <thead>
          <tr>
            <th scope="col">{words.device}</th>
            <th scope="col">{words.model}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {findings.map((finding) => {
            const { device, facts, matches, protocol, url } = finding;
            const [best] = matches;
            const said = [facts.name, facts.vendor, facts.model, facts.firmware].filter(Boolean).join(" · ");
            return (
              <tr key={`${protocol} ${url}`}>
                <th scope="row">
                  {said === "" ? finding.address : said}
                  <span className="cell-note">{url}</span>
                </th>
                <td>
                  {best === undefined ? (
                    words.noModel
                  ) : (
                    <>
                      {best.confidence < CONFIDENCE_MIN ? words.chooseModel : best.profile}
                      <span className="cell-note">
                        {words.confidence(percentText(best.confidence))} · {local(best.why)}
                      </span>
                    </>
                  )}
                </td>
                <td>
                  {device !== undefined ? (
                    <Link href={`/devices?device=${encodeURIComponent(device)}`}>{words.watched}</Link>
                  ) : (
                    may("devices.configure") && (
                      <button type="button" className="button" onClick={() => onAdopt(finding)}>
                        {words.adopt}
                      </button>
                    )
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableFrame>
  );
}
