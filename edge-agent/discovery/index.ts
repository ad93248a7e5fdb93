/** Looking for devices in a network: what `campus-ops discover` does. */
export { type DiscoveryOptions, discover } from "./discover.ts";
export { DISCOVERY_PROTOCOLS, type DiscoveryProtocol, type Finding } from "./finding.ts";
