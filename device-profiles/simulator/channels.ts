/** The channels of a simulated recorder, and metrics by channel. */
import type { MetricName } from "../vocabulary/index.ts";

export const CHANNELS = 4;

/** Every channel's metric of each family: `Channel/*\/Loss` is `Channel/1/Loss` to `Channel/4/Loss`. */
export function channelMetrics(families: readonly string[]): readonly MetricName[] {
  const channels = Array.from({ length: CHANNELS }, (_, index) => String(index + 1));
  return families.flatMap((family) => channels.map((channel) => family.replace("*", channel)));
}

/** The name by which profiles know a metric, and the channel it is of; 1 for what is of none. */
export function familyOf(metric: MetricName): { readonly family: string; readonly channel: number } {
  const channel = /^Channel\/(\d+)\//.exec(metric)?.[1];
  return channel === undefined
    ? { family: metric, channel: 1 }
    : { family: metric.replace(`/${channel}/`, "/*/"), channel: Number(channel) };
}
