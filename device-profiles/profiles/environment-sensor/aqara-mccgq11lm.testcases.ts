import type { Zigbee2mqttTestcase } from "../testcase.ts";

export const testcases: readonly Zigbee2mqttTestcase[] = [
  {
    title: "the door is opened: the contact is lost",
    message: `{"battery":97,"contact":false,"device_temperature":24,"linkquality":120,"voltage":3015}`,
    samples: {
      "Battery/Level": 97,
      "Battery/Voltage": 3.015,
      "Contact/Open": true,
      "Radio/LinkQuality": 120,
    },
  },
  {
    title: "what the broker has kept is true, and nobody knows since when",
    message: `{"contact":true}`,
    retained: true,
    samples: {
      "Contact/Open": { value: false, quality: { status: "uncertain", reason: "no-event-time" } },
    },
  },
];
