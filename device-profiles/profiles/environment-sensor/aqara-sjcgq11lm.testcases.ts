import type { Zigbee2mqttTestcase } from "../testcase.ts";

export const testcases: readonly Zigbee2mqttTestcase[] = [
  {
    title: "water under the boiler",
    message: `{"battery":88,"linkquality":63,"voltage":2985,"water_leak":true}`,
    samples: {
      "Battery/Level": 88,
      "Battery/Voltage": 2.985,
      "Environment/Leak": true,
      "Radio/LinkQuality": 63,
    },
  },
];
