import type { Zigbee2mqttTestcase } from "../testcase.ts";

export const testcases: readonly Zigbee2mqttTestcase[] = [
  {
    title: "closed, and its case opened",
    message: `{"battery":100,"battery_low":false,"contact":true,"linkquality":150,"tamper":true,"voltage":3000}`,
    samples: {
      "Battery/Level": 100,
      "Battery/Low": false,
      "Battery/Voltage": 3,
      "Contact/Open": false,
      "Contact/Tamper": true,
      "Radio/LinkQuality": 150,
    },
  },
];
