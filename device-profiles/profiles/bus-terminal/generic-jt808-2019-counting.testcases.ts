import type { Jt808Testcase } from "../testcase.ts";

const NOW = Date.UTC(2026, 8, 1, 8, 0, 5);

export const testcases: readonly Jt808Testcase[] = [
  {
    title: "23 people are aboard",
    frames: [
      "7e0200401f01000000000138000011110007000000000000000301d164a0063470a001f4016d005a260901160000e101179b7e",
    ],
    now: NOW,
    samples: {
      "Bus/SOS": false,
      "Bus/Overspeed": false,
      "Bus/Fatigue": false,
      "Bus/AntennaFault": false,
      "Bus/PowerFault": false,
      "Bus/OffRoute": false,
      "Bus/Ignition": true,
      "Bus/Positioned": true,
      "Bus/DoorOpen": false,
      "Bus/Speed": 36.5,
      "Bus/Aboard": 23,
    },
    events: [
      {
        eventTime: Date.UTC(2026, 8, 1, 8),
        quality: { status: "good" },
        fields: { latitude: 30.5, longitude: 104.1, altitude: 500, speed: 36.5, heading: 90 },
      },
    ],
  },
  {
    title: "a counter that has no count says FF",
    frames: [
      "7e0200401f01000000000138000011110007000000000000000301d164a0063470a001f4016d005a260901160000e101ff737e",
    ],
    now: NOW,
    samples: {
      "Bus/SOS": false,
      "Bus/Overspeed": false,
      "Bus/Fatigue": false,
      "Bus/AntennaFault": false,
      "Bus/PowerFault": false,
      "Bus/OffRoute": false,
      "Bus/Ignition": true,
      "Bus/Positioned": true,
      "Bus/DoorOpen": false,
      "Bus/Speed": 36.5,
      "Bus/Aboard": { value: null, quality: { status: "bad", reason: "sentinel" } },
    },
    events: [
      {
        eventTime: Date.UTC(2026, 8, 1, 8),
        quality: { status: "good" },
        fields: { latitude: 30.5, longitude: 104.1, altitude: 500, speed: 36.5, heading: 90 },
      },
    ],
  },
];
