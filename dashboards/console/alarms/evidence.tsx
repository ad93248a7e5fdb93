import { metricDefinition } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "@campus-ops/rules/api";
import { TableFrame } from "../controls/table-frame.tsx";
import { exactText } from "../format/time.ts";
import { eventFieldsText, metricTitle, qualityReason, valueText } from "../format/value.ts";
import { useInventory } from "../live/live.tsx";
import { useSpeech } from "../text/language.tsx";

/** The readings that the decision rests on, with where they stand in the journal. */
export function EvidenceTable({ evidence }: { readonly evidence: readonly EvidenceSample[] }) {
  const { t, language, locale, local } = useSpeech();
  const { inventory } = useInventory();
  if (evidence.length === 0) return <p className="quiet-note">{t.alarms.evidenceNone}</p>;
  return (
    <TableFrame label={t.alarms.evidence}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t.alarms.evidenceTime}</th>
            <th scope="col">{t.alarms.evidenceMetric}</th>
            <th scope="col">{t.alarms.evidenceValue}</th>
            <th scope="col">{t.alarms.evidenceQuality}</th>
            <th scope="col">{t.alarms.evidenceDevice}</th>
            <th scope="col" className="number">
              {t.alarms.evidenceJournal}
            </th>
          </tr>
        </thead>
        <tbody>
          {evidence.map((sample) => {
            const device = inventory.devices.get(sample.device) ?? inventory.nodes.get(sample.device);
            return (
              <tr key={`${sample.journalSeq} ${sample.device} ${sample.name} ${sample.eventTime}`}>
                <td className="figure">{exactText(sample.eventTime, locale)}</td>
                <td>{metricTitle(sample.name, language)}</td>
                <td className="value">
                  {sample.fields === undefined ? (
                    valueText(sample.value, metricDefinition(sample.name), language)
                  ) : (
                    <dl className="fields">
                      {eventFieldsText(sample.name, sample.fields, language).map((field) => (
                        <div key={field.title}>
                          <dt>{field.title}</dt>
                          <dd>{field.value}</dd>
                        </div>
                      ))}
                    </dl>
                  )}
                </td>
                <td>{qualityReason(sample.quality, language) ?? t.devices.good}</td>
                <td>{device === undefined ? sample.device : local(device.title)}</td>
                <td className="number">{sample.journalSeq}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableFrame>
  );
}
