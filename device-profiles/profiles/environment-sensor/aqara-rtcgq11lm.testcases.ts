import type { Zigbee2mqttTestcase } from "../testcase.ts";

export const testcases: readonly Zigbee2mqttTestcase[] = [
  {
    title: "somebody moves in a dim corridor",
    message: `{"battery":100,"illuminance":23,"linkquality":87,"occupancy":true,"voltage":3025}`,
    samples: {
      "Battery/Level": 100,
      "Battery/Voltage": 3.025,
      "Environment/Illuminance": 23,
      "Presence/Occupied": true,
      "Radio/LinkQuality": 87,
    },
  },
];
