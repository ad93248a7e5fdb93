import type { Cjt188Testcase } from "../testcase.ts";

export const testcases: readonly Cjt188Testcase[] = [
  {
    title: "byte by byte as the standard lays it out: 123456.78 kWh, in kilowatts and cubic metres",
    readAt: "2026-01-15T08:30:00+08:00",
    frames: [
      "682042002620001111812E1F90007856341205785634120540360000172581010035257098002C205500704100214300003008150126200000A216",
    ],
    samples: {
      "Heat/Energy": 123_456.78,
      "Heat/Power": 36.4,
      "Heat/Flow": 1.8125,
      "Heat/Volume": 9_870.25,
      "Heat/SupplyTemperature": 55.2,
      "Heat/ReturnTemperature": 41.7,
      "Heat/Hours": 4_321,
      "Battery/Low": false,
      "Connectivity/ClockOffset": 0,
    },
  },
  {
    title: "gigajoules, watts and litres are kilowatt-hours, kilowatts and cubic metres; 199 °C is no water",
    readAt: "2026-01-15T08:30:00+08:00",
    frames: [
      "682042002620001111812E1F9000000000001100360000110050230014000025003250000000290099017041002143000030081501262004008616",
    ],
    samples: {
      "Heat/Energy": 10_000,
      "Heat/Power": 2.35,
      "Heat/Flow": 0.025,
      "Heat/Volume": 0.0005,
      "Heat/SupplyTemperature": { value: 199, quality: { status: "bad", reason: "out-of-range" } },
      "Battery/Low": true,
    },
  },
];
