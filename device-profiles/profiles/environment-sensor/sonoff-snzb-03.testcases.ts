import type { Zigbee2mqttTestcase } from "../testcase.ts";

export const testcases: readonly Zigbee2mqttTestcase[] = [
  {
    title: "nobody there, and the battery is running out",
    message: `{"battery":5,"battery_low":true,"linkquality":40,"occupancy":false,"voltage":2500}`,
    samples: {
      "Battery/Level": 5,
      "Battery/Low": true,
      "Battery/Voltage": 2.5,
      "Presence/Occupied": false,
      "Radio/LinkQuality": 40,
    },
  },
];
