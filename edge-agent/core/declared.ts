/** What a device will report, as far as its profile says so before anybody has looked. */
import type { Profile } from "@campus-ops/device-profiles/profiles";
import { modbusMetrics } from "@campus-ops/device-profiles/profiles/modbus-profile";
import { projectorMetrics } from "@campus-ops/device-profiles/profiles/pjlink-reading";
import type { EventName, MetricName } from "@campus-ops/device-profiles/vocabulary";

export interface Declared {
  readonly metrics: readonly MetricName[];
  readonly events: readonly EventName[];
}

/** Ports and other instances are found by looking; a new birth then names them. */
export function declaredBy(profile: Profile): Declared {
  switch (profile.protocol) {
    case "modbus":
      return {
        metrics: modbusMetrics(profile),
        events: profile.log === undefined ? [] : [profile.log.event],
      };
    case "snmp":
      return { metrics: [...profile.attributes, ...profile.scalars].map(({ metric }) => metric), events: [] };
    case "onvif":
      return { metrics: [...new Set(profile.topics.map(({ metric }) => metric))], events: [] };
    case "pjlink":
      return { metrics: projectorMetrics(profile), events: [] };
  }
}
