/** From the registry's rows to what the API shows. */
import type { SampleValue, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceView, JsonValue, MetricView, NodeView } from "../api.ts";
import { completenessOf } from "./completeness.ts";
import type { DeviceAsset, MetricState, NodeAsset } from "./registry.ts";

export function toJsonValue(value: SampleValue): JsonValue {
  return typeof value === "bigint" ? value.toString() : value;
}

/** Undefined for a device that has not said what it is. */
export function deviceView(device: DeviceAsset): DeviceView | undefined {
  const row = deviceRow(device);
  return row === undefined ? undefined : { ...row, metrics: metricViews(device.metrics) };
}

/** As {@link deviceView}, without the metrics: what a list of thousands shows. */
export function deviceRow(device: DeviceAsset): DeviceView | undefined {
  const { key, address, class: deviceClass, profile, title, path, proven, health, since } = device;
  const { dependsOn, metrics } = device;
  if (deviceClass === undefined || address.device === undefined) return undefined;
  return {
    key,
    campus: address.campus,
    node: address.node,
    device: address.device,
    class: deviceClass,
    profile,
    title,
    path,
    ...(dependsOn === undefined ? {} : { dependsOn }),
    proven,
    health,
    since,
    ...(metrics.size === 0 ? {} : { heardAt: newest(metrics) }),
    metrics: [],
  };
}

function newest(metrics: ReadonlyMap<string, MetricState>): Timestamp {
  let last = 0;
  for (const { receivedAt } of metrics.values()) if (receivedAt > last) last = receivedAt;
  return last;
}

export function nodeView({
  key,
  address,
  title,
  online,
  since,
  metrics,
  epochs,
  plain,
  lost,
  identity,
}: NodeAsset): NodeView {
  return {
    key,
    campus: address.campus,
    node: address.node,
    title,
    online,
    since,
    metrics: metricViews(metrics),
    samples: completenessOf(epochs.values(), plain, lost),
    ...(identity?.twin === undefined ? {} : { twin: identity.twin }),
  };
}

/** In order of their names, so that a device looks the same whatever order its values came in. */
function metricViews(metrics: ReadonlyMap<string, MetricState>): MetricView[] {
  return [...metrics]
    .map(([name, { value, ...state }]) => ({ name, value: toJsonValue(value), ...state }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
