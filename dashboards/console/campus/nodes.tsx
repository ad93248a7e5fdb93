import type { NodeView } from "@campus-ops/ingest/api";
import { Link } from "wouter";
import { OnlineWord } from "../devices/nodes.tsx";
import { agoText } from "../format/time.ts";
import { metricTitle, metricValueText } from "../format/value.ts";
import { useNow } from "../live/clock.ts";
import { useSpeech } from "../text/language.tsx";

const SHOWN = [
  "Edge/OutboxRecords",
  "Edge/OldestUnacknowledged",
  "Edge/LostSamples",
  "Edge/DiskFree",
] as const;

export function CampusNodes({ nodes }: { readonly nodes: readonly NodeView[] }) {
  const { t, language, local } = useSpeech();
  const now = useNow();
  if (nodes.length === 0) return <p className="quiet-note">{t.none}</p>;
  return (
    <ul className="plain-list">
      {nodes.map((node) => (
        <li key={node.key} className="node-card">
          <p>
            <Link href={`/devices?view=nodes&device=${encodeURIComponent(node.key)}`}>
              {local(node.title)}
            </Link>{" "}
            <OnlineWord online={node.online} /> <span className="quiet">{agoText(node.since, now, t)}</span>
          </p>
          <dl className="facts">
            {SHOWN.map((name) => (
              <div key={name}>
                <dt>{metricTitle(name, language)}</dt>
                <dd className="value">
                  {metricValueText(
                    name,
                    node.metrics.find((metric) => metric.name === name)?.value ?? null,
                    language,
                  )}
                </dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}
