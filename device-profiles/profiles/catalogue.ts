/** Every profile the platform ships, and how to find one by the id a configuration names. */
import type { ModbusProfile } from "./modbus-profile.ts";
import type { PjlinkProfile } from "./pjlink-profile.ts";
import type { SnmpProfile } from "./snmp-profile.ts";
import { genericIfMib } from "./switch/generic-if-mib.ts";
import { genericPoe } from "./switch/generic-poe.ts";

/** Told apart by `protocol`. */
export type Profile = ModbusProfile | PjlinkProfile | SnmpProfile;

export const PROFILES: readonly Profile[] = [genericIfMib, genericPoe];

const byId = new Map(PROFILES.map((profile) => [profile.id, profile]));

/** The profile called `id`, for example `projector/generic-pjlink-class-2`; undefined when there is none. */
export function findProfile(id: string): Profile | undefined {
  return byId.get(id);
}
