import type { DeviceFacts } from "../core/profile-match.ts";

export const DISCOVERY_PROTOCOLS = ["onvif", "snmp", "modbus", "pjlink", "mdns"] as const;
export type DiscoveryProtocol = (typeof DISCOVERY_PROTOCOLS)[number];

/** A device that answered. */
export interface Finding {
  readonly protocol: DiscoveryProtocol;
  /** IPv4. */
  readonly address: string;
  /** What an edge agent would be configured with. */
  readonly url: string;
  readonly facts: DeviceFacts;
}

/** Where the protocols listen; others than the usual ones for a rehearsal. */
export const USUAL_PORTS: Readonly<Record<DiscoveryProtocol, number>> = {
  onvif: 3702,
  snmp: 161,
  modbus: 502,
  pjlink: 4352,
  mdns: 5353,
};

/**
 * One address asked in one protocol. `deadline` gives one exchange the time that it may take. Resolves with what
 * answered; never rejects for a device's sake.
 */
export type Probe = (
  address: string,
  port: number,
  deadline: () => AbortSignal,
) => Promise<readonly Finding[]>;
