import type { Jt808Testcase } from "../testcase.ts";

const NOW = Date.UTC(2018, 9, 15, 2, 10, 12);
const CLOCK = { status: "uncertain", reason: "device-clock" } as const;
const SENTINEL = { value: null, quality: { status: "bad", reason: "sentinel" } } as const;

const QUIET = {
  "Bus/SOS": false,
  "Bus/Overspeed": false,
  "Bus/Fatigue": false,
  "Bus/AntennaFault": false,
  "Bus/PowerFault": false,
  "Bus/OffRoute": false,
  "Bus/Ignition": true,
  "Bus/Positioned": true,
  "Bus/DoorOpen": false,
};

export const testcases: readonly Jt808Testcase[] = [
  {
    title: "the published example: SOS pressed, fix, 10 km, 12.5 litres",
    frames: [
      "7e02000026123456789012007d02000000010000000200ba7f0e07e4f11c0028003c00001810151010100104000000640202007d01137e",
    ],
    now: NOW,
    samples: {
      ...QUIET,
      "Bus/SOS": true,
      "Bus/Ignition": false,
      "Bus/Speed": 6,
      "Bus/Mileage": 10,
      "Bus/Fuel": 12.5,
    },
    events: [
      {
        eventTime: Date.UTC(2018, 9, 15, 2, 10, 10),
        quality: { status: "good" },
        fields: { latitude: 12.222222, longitude: 132.444444, altitude: 40, speed: 6, heading: 0 },
      },
    ],
  },
  {
    title: "off the route that was put into the terminal: bit 23",
    frames: [
      "7e02000026123456789012007d02008000000000000200ba7f0e07e4f11c0028003c00001810151010100104000000640202007d01927e",
    ],
    now: NOW,
    samples: {
      ...QUIET,
      "Bus/OffRoute": true,
      "Bus/Ignition": false,
      "Bus/Speed": 6,
      "Bus/Mileage": 10,
      "Bus/Fuel": 12.5,
    },
    events: [
      {
        eventTime: Date.UTC(2018, 9, 15, 2, 10, 10),
        quality: { status: "good" },
        fields: { latitude: 12.222222, longitude: 132.444444, altitude: 40, speed: 6, heading: 0 },
      },
    ],
  },
  {
    title: "the fix lost, the door open, mileage and fuel not there: no position, and no number that is none",
    frames: [
      "7e020000261234567890120001000000000000200100000000000000000000000000001810151010100104ffffffff0202ffff867e",
    ],
    now: NOW,
    samples: {
      ...QUIET,
      "Bus/Positioned": false,
      "Bus/DoorOpen": true,
      "Bus/Speed": 0,
      "Bus/Mileage": SENTINEL,
      "Bus/Fuel": SENTINEL,
    },
    events: [],
  },
  {
    title: "a clock that stands at its first day: the receipt counts, and the quality says so",
    frames: ["7e0200001c12345678901200020000000000000003018d268c06369ee501f501b0010f000101000000b37e"],
    now: NOW,
    samples: Object.fromEntries(
      Object.entries({ ...QUIET, "Bus/Speed": 43.2 }).map(([metric, value]) => [
        metric,
        { value, quality: CLOCK },
      ]),
    ),
    events: [
      {
        eventTime: NOW,
        quality: CLOCK,
        fields: { latitude: 26.02766, longitude: 104.242917, altitude: 501, speed: 43.2, heading: 271 },
      },
    ],
  },
];
