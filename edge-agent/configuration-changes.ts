/** What a new version of the configuration asks of an agent that runs. */
import type { DeviceId } from "@campus-ops/device-profiles/vocabulary";
import type { Configuration, DeviceConfiguration } from "./configuration.ts";

export interface ConfigurationChanges {
  readonly removed: readonly DeviceId[];
  /** Watched already, and from now on in another way. */
  readonly changed: readonly DeviceConfiguration[];
  readonly added: readonly DeviceConfiguration[];
  /** Sections beside the devices that differ: they are who the agent is and where it speaks, and need a restart. */
  readonly needRestart: readonly string[];
}

export function changesBetween(before: Configuration, after: Configuration): ConfigurationChanges {
  const known = new Map(before.devices.map((device) => [device.id, fingerprint(device)]));
  const remaining = new Set(after.devices.map(({ id }) => id));
  const { devices: _before, ...restBefore } = before;
  const { devices: _after, ...restAfter } = after;
  const valuesBefore = new Map<string, unknown>(Object.entries(restBefore));
  return {
    removed: [...known.keys()].filter((id) => !remaining.has(id)),
    changed: after.devices.filter((device) => {
      const was = known.get(device.id);
      return was !== undefined && was !== fingerprint(device);
    }),
    added: after.devices.filter(({ id }) => !known.has(id)),
    needRestart: Object.entries(restAfter)
      .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(valuesBefore.get(name)))
      .map(([name]) => name),
  };
}

/** Everything that is said of a device, its secret too; profiles are what their ids and revisions say. */
function fingerprint({ profile, ...device }: DeviceConfiguration): string {
  return JSON.stringify({ ...device, profile: profile.id, revision: profile.revision });
}
