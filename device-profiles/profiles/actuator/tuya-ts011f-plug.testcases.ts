import type { Zigbee2mqttTestcase } from "../testcase.ts";

export const testcases: readonly Zigbee2mqttTestcase[] = [
  {
    title: "a water dispenser that heats",
    message: `{"current":6.21,"energy":12.34,"linkquality":200,"power":1380,"state":"ON","voltage":222}`,
    samples: {
      "Meter/Energy": 12.34,
      "Meter/Power": 1.38,
      "Outlet/On": true,
      "Phase/1/Current": 6.21,
      "Phase/1/Voltage": 222,
      "Radio/LinkQuality": 200,
    },
  },
];
