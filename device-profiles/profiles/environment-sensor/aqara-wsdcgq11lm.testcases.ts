import type { Zigbee2mqttTestcase } from "../testcase.ts";

export const testcases: readonly Zigbee2mqttTestcase[] = [
  {
    title: "a classroom in September, with the time of the device's last word",
    message: `{"humidity":44.72,"last_seen":"2026-09-01T08:00:00+08:00","pressure":951.4,"temperature":27.34}`,
    retained: true,
    samples: {
      "Environment/Humidity": 44.72,
      "Environment/Pressure": 951.4,
      "Environment/Temperature": 27.34,
    },
  },
  {
    title: "a sensor that was not read yet, and one that talks nonsense",
    message: `{"humidity":null,"temperature":"warm"}`,
    samples: {
      "Environment/Humidity": { value: null, quality: { status: "uncertain", reason: "not-read" } },
      "Environment/Temperature": { value: null, quality: { status: "bad", reason: "out-of-range" } },
    },
  },
];
