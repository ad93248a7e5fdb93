import { DEVICE_CLASSES, type DeviceClass, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceHealth, DeviceView, MetricView } from "@campus-ops/ingest/api";

export interface DeviceFilter {
  readonly campus: string;
  readonly class: DeviceClass | "";
  readonly health: DeviceHealth | "";
  readonly search: string;
}

const HEALTHS: readonly string[] = ["working", "faulty", "unreachable", "stale"] satisfies DeviceHealth[];

export function deviceFilterFromAddress(params: URLSearchParams): DeviceFilter {
  const asked = params.get("class") ?? "";
  const health = params.get("health") ?? "";
  return {
    campus: params.get("campus") ?? "",
    class: Object.hasOwn(DEVICE_CLASSES, asked) ? (asked as DeviceClass) : "",
    health: HEALTHS.includes(health) ? (health as DeviceHealth) : "",
    search: params.get("q") ?? "",
  };
}

/** What is worst comes first: a table that hides its broken devices at the end is no use. Then by key. */
const WORST_FIRST: Readonly<Record<DeviceHealth, number>> = {
  faulty: 0,
  unreachable: 1,
  stale: 2,
  working: 3,
};

export function filterDevices(
  devices: Iterable<DeviceView>,
  filter: DeviceFilter,
  inWords: (device: DeviceView) => string,
): readonly DeviceView[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  return [...devices]
    .filter(
      (device) =>
        (filter.campus === "" || device.campus === filter.campus) &&
        (filter.class === "" || device.class === filter.class) &&
        (filter.health === "" || device.health === filter.health) &&
        (words.length === 0 || words.every((word) => inWords(device).toLowerCase().includes(word))),
    )
    .sort((a, b) => WORST_FIRST[a.health] - WORST_FIRST[b.health] || (a.key < b.key ? -1 : 1));
}

/** When anything was last received from it; undefined when it never said anything. */
export function lastContact(metrics: readonly MetricView[]): Timestamp | undefined {
  return metrics.reduce<Timestamp | undefined>(
    (last, { receivedAt }) => (last === undefined || receivedAt > last ? receivedAt : last),
    undefined,
  );
}
