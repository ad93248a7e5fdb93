import type { DeviceHealth } from "@campus-ops/ingest/api";
import { Icon } from "../shell/icons.tsx";
import { useSpeech } from "../text/language.tsx";

/** Of devices that are watched. */
export const HEALTHS = [
  "working",
  "faulty",
  "unreachable",
  "stale",
] as const satisfies readonly DeviceHealth[];

export function HealthWord({ health }: { readonly health: DeviceHealth }) {
  const { t } = useSpeech();
  return (
    <span className="health" data-health={health} title={t.healthMeaning[health]}>
      <Icon name={health} />
      {t.health[health]}
    </span>
  );
}
