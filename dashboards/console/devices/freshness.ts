import type { DeviceHealth, MetricView } from "@campus-ops/ingest/api";

/** Why a shown value may no longer hold; undefined when it does. */
export type Doubt = "page" | "node" | "device" | "quality";

/**
 * Values are reported by exception: an old one still holds as long as its device is heard. So age alone is no doubt;
 * a link that is down somewhere between the device and the page is, the nearest to the reader first.
 */
export function doubtAbout(
  metric: Pick<MetricView, "quality">,
  health: DeviceHealth,
  pageIsLive: boolean,
): Doubt | undefined {
  if (!pageIsLive) return "page";
  if (health === "stale") return "node";
  if (health === "unreachable") return "device";
  return metric.quality.status === "good" ? undefined : "quality";
}
