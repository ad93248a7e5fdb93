/** What we do not do, and why. A test that touches such an assertion does not make it met. */
export const UNMET: Readonly<Record<string, string>> = {
  "tck-id-operational-behavior-host-reordering-param":
    "The reorder time is 2 s and not configurable; a recommendation.",
  "tck-id-topic-structure-namespace-duplicate-device-id-across-edge-node":
    "A permission. The device's address holds its edge node, so that the same id on two nodes is two devices.",
  ...Object.fromEntries(
    [
      "basic",
      "store",
      "nbirth-mqtt-topic",
      "nbirth-mqtt-retain",
      "dbirth-mqtt-topic",
      "dbirth-mqtt-retain",
      "ndeath-timestamp",
    ].map((id) => [
      `tck-id-conformance-mqtt-aware-${id}`,
      "Our broker is a Sparkplug conformant server, and does not claim to be a Sparkplug aware one, which is optional.",
    ]),
  ),
};

/** Kept because the case cannot come up: the check is that it does not. */
export const DOES_NOT_ARISE: Readonly<Record<string, string>> = {
  "tck-id-principles-persistence-clean-session-50": "MQTT 3.1.1 is spoken.",
  "tck-id-message-flow-phid-sparkplug-clean-session-50": "MQTT 3.1.1 is spoken.",
  "tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt50": "MQTT 3.1.1 is spoken.",
  "tck-id-operational-behavior-host-application-multi-server-timestamp":
    "The host is connected to one server at a time.",
};
