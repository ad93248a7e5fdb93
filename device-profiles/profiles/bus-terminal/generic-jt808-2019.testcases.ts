import type { Jt808Testcase } from "../testcase.ts";

const NOW = Date.UTC(2026, 8, 1, 8, 0, 5);
const GOOD = { status: "good" } as const;

export const testcases: readonly Jt808Testcase[] = [
  {
    title: "parked south of the equator: an empty tank is a reading, the aerial and the main power are cut",
    frames: [
      "7e0200402901000000000138001380007d017d020000012000000006005e9ac0065de49b00080000000026090116000001040001e2410202000030011f7d017e",
    ],
    now: NOW,
    samples: {
      "Bus/SOS": false,
      "Bus/Overspeed": false,
      "Bus/Fatigue": false,
      "Bus/AntennaFault": true,
      "Bus/PowerFault": true,
      "Bus/OffRoute": false,
      "Bus/Ignition": false,
      "Bus/Positioned": true,
      "Bus/DoorOpen": false,
      "Bus/Speed": 0,
      "Bus/Mileage": 12_345.7,
      "Bus/Fuel": 0,
    },
    events: [
      {
        eventTime: Date.UTC(2026, 8, 1, 8),
        quality: GOOD,
        fields: { latitude: -6.2, longitude: 106.816667, altitude: 8, speed: 0, heading: 0 },
      },
    ],
  },
  {
    title: "the driver puts the licence card in: its number becomes a credential",
    frames: [
      "7e0702404401000000000138001380000009012609011600000006bcddcabbd4b1353130313030303030303132333435363738000008b7a2d6a4bbfab9d8209912310000000000000000000000000000000000000000317e",
    ],
    now: NOW,
    samples: {},
    events: [
      {
        eventTime: Date.UTC(2026, 8, 1, 8),
        quality: GOOD,
        fields: { inserted: true, credential: "credential of 510100000012345678", result: "read" },
      },
    ],
  },
];
