import type { PjlinkTestcase } from "../testcase.ts";

const NOT_READ = { value: null, quality: { status: "uncertain", reason: "not-read" } } as const;

export const testcases: readonly PjlinkTestcase[] = [
  {
    title: "on, second digital input, one lamp, well",
    lines: [
      ["%1POWR ?", "%1POWR=1"],
      ["%2INPT ?", "%2INPT=32"],
      ["%1LAMP ?", "%1LAMP=1024 1"],
      ["%1ERST ?", "%1ERST=000000"],
    ],
    samples: {
      "Projector/Power": "on",
      "Projector/Input": "digital-2",
      "Projector/LampHours": 1024,
      "Projector/Fan": "ok",
      "Projector/Lamp": "ok",
      "Projector/Overheat": "ok",
      "Projector/Cover": "ok",
      "Projector/Filter": "ok",
      "Projector/Other": "ok",
    },
  },
  {
    title: "standby: the input cannot be asked now",
    lines: [
      ["%1POWR ?", "%1POWR=0"],
      ["%2INPT ?", "%2INPT=ERR3"],
    ],
    samples: { "Projector/Power": "off", "Projector/Input": NOT_READ },
  },
  {
    title: "cooling, too hot, filter to be cleaned",
    lines: [
      ["%1POWR ?", "%1POWR=2"],
      ["%1ERST ?", "%1ERST=002010"],
    ],
    samples: {
      "Projector/Power": "cooling",
      "Projector/Fan": "ok",
      "Projector/Lamp": "ok",
      "Projector/Overheat": "error",
      "Projector/Cover": "ok",
      "Projector/Filter": "warning",
      "Projector/Other": "ok",
    },
  },
  {
    title: "two lamps: the older one counts; a laser has none and nothing is said",
    lines: [["%1LAMP ?", "%1LAMP=870 0 12345 1"]],
    samples: { "Projector/LampHours": 12_345 },
  },
  { title: "no lamp at all", lines: [["%1LAMP ?", "%1LAMP=ERR1"]], samples: {} },
  {
    title: "an input the profile has no name for, from a device that answers in lower case",
    lines: [
      ["%2INPT ?", "%2inpt=3A"],
      ["%1POWR ?", "%1powr=3"],
    ],
    samples: { "Projector/Input": "3A", "Projector/Power": "warming" },
  },
  {
    title: "identity of class 2; an empty name is no name",
    lines: [
      ["%1NAME ?", "%1NAME="],
      ["%1INF1 ?", "%1INF1=Panasonic"],
      ["%1INF2 ?", "%1INF2=MZ670"],
      ["%2SNUM ?", "%2SNUM=DB0123456"],
      ["%2SVER ?", "%2SVER=1.02"],
    ],
    samples: {
      "System/Name": null,
      "Properties/Vendor": "Panasonic",
      "Properties/Model": "MZ670",
      "Properties/Serial": "DB0123456",
      "Properties/Firmware": "1.02",
    },
  },
];
