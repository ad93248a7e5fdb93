import { DEVICE_CLASSES, type DeviceClass, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceHealth, DeviceView } from "@campus-ops/ingest/api";
import type { Sorting } from "../controls/sorting.ts";

export interface DeviceFilter {
  readonly campus: string;
  readonly class: DeviceClass | "";
  readonly health: DeviceHealth | "";
  readonly search: string;
}

const HEALTHS: readonly string[] = [
  "working",
  "faulty",
  "unreachable",
  "stale",
  "retired",
] satisfies DeviceHealth[];

/** Those that are watched: what was taken out of a box's configuration is counted nowhere, and shown where it is asked for. */
export function inService(devices: Iterable<DeviceView>): readonly DeviceView[] {
  return [...devices].filter(({ health }) => health !== "retired");
}

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
  retired: 4,
};

export function filterDevices(
  devices: Iterable<DeviceView>,
  filter: DeviceFilter,
  /** What a search looks through, in lower case. */
  inWords: (device: DeviceView) => string,
): readonly DeviceView[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  return [...devices]
    .filter(
      (device) =>
        (filter.campus === "" || device.campus === filter.campus) &&
        (filter.class === "" || device.class === filter.class) &&
        (filter.health === "" ? device.health !== "retired" : device.health === filter.health) &&
        (words.length === 0 || words.every((word) => inWords(device).includes(word))),
    )
    .sort((a, b) => WORST_FIRST[a.health] - WORST_FIRST[b.health] || (a.key < b.key ? -1 : 1));
}

export type DeviceColumn = "name" | "class" | "contact";

const DIGITS_MAX = 10;

/** Numbers in it go by their worth when it is compared letter by letter. */
export const comparable = (name: string): string =>
  name.replace(/\d+/g, (digits) => digits.padStart(DIGITS_MAX, "0"));

/**
 * In the order of a column; those that are equal in it stay as they are. Letter by letter, not by pinyin: a collator takes
 * twenty thousand names longer than a person waits for a click.
 *
 * @param nameOf what a device is sorted by under "name", made comparable
 */
export function sortDevices(
  devices: readonly DeviceView[],
  sorting: Sorting<DeviceColumn> | undefined,
  nameOf: (device: DeviceView) => string,
): readonly DeviceView[] {
  if (sorting === undefined) return devices;
  const { column, descending } = sorting;
  const cellOf = (device: DeviceView): number | string => {
    if (column === "name") return nameOf(device);
    return column === "class" ? device.class : (lastHeard(device) ?? Number.NEGATIVE_INFINITY);
  };
  const sign = descending ? -1 : 1;
  return devices
    .map((device) => ({ device, cell: cellOf(device) }))
    .sort(({ cell: a }, { cell: b }) => (a === b ? 0 : sign * (a < b ? -1 : 1)))
    .map(({ device }) => device);
}

/**
 * When the device itself was last heard; undefined when it never said anything. What its edge box says about a device
 * that does not answer is received too, but is no word from the device: nothing after it fell silent counts.
 */
export function lastHeard({ heardAt, health, since }: DeviceView): Timestamp | undefined {
  if (heardAt === undefined) return undefined;
  return health === "unreachable" || health === "stale" ? Math.min(heardAt, since) : heardAt;
}
