import { Link } from "wouter";
import { inService } from "../devices/filter.ts";
import { useInventory } from "../live/live.tsx";
import { useSpeech } from "../text/language.tsx";

/** An empty list says what is being watched, so that quiet is not mistaken for blind. */
export default function EmptyDesk({
  hidden,
  onClear,
}: {
  readonly hidden: number;
  readonly onClear: () => void;
}) {
  const { t } = useSpeech();
  const { inventory } = useInventory();
  if (hidden > 0) {
    return (
      <div className="empty">
        <strong>{t.alarms.filteredTitle}</strong>
        <p>{t.alarms.filteredHint(hidden)}</p>
        <button type="button" className="button" onClick={onClear}>
          {t.alarms.clearFilters}
        </button>
      </div>
    );
  }
  const devices = inService(inventory.devices.values());
  const campuses = new Set(devices.map(({ campus }) => campus));
  const failing = devices.filter(({ health }) => health !== "working").length;
  return (
    <div className="empty">
      <strong>{t.alarms.emptyTitle}</strong>
      <p>
        {t.alarms.emptyWatching(devices.length, campuses.size)}
        {failing > 0 && ` ${t.alarms.emptyFault(failing)}`}
      </p>
      <Link href="/devices">{t.alarms.emptyLink}</Link>
    </div>
  );
}
