import type { Zigbee2mqttTestcase } from "../testcase.ts";

export const testcases: readonly Zigbee2mqttTestcase[] = [
  {
    title: "pressed twice",
    message: `{"action":"double","battery":100,"linkquality":99,"voltage":3005}`,
    samples: { "Battery/Level": 100, "Battery/Voltage": 3.005, "Radio/LinkQuality": 99 },
    actions: ["double"],
  },
  { title: "the end of an action is none", message: `{"action":""}`, samples: {}, actions: [] },
  {
    title: "an action that the broker kept was told then",
    message: `{"action":"single"}`,
    retained: true,
    samples: {},
    actions: [],
  },
];
