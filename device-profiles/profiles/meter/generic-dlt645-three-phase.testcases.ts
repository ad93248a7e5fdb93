import type { Quality } from "../../vocabulary/index.ts";
import type { Dlt645Testcase } from "../testcase.ts";

const NO_READING: Quality = { status: "bad", reason: "sentinel" };

export const testcases: readonly Dlt645Testcase[] = [
  {
    title: "the meter's number",
    exchanges: [["68010022112620681104353733373516", "6801002211262068910A353733373433554459536716"]],
    samples: {
      "Properties/Serial": "202611220001",
    },
  },
  {
    title: "three phases of which the second feeds back and the third is not connected",
    poll: true,
    exchanges: [
      ["68010022112620681104333334332C16", "6801002211262068910833333433CCCCCCCCE016"],
      ["68010022112620681104333335332D16", "6801002211262068910833333533343333337E16"],
      ["68010022112620681104333234352D16", "6801002211262068910A333234353856CB553232C516"],
      ["68010022112620681104333235352E16", "6801002211262068910D333235353483338967C5323232EC16"],
      ["68010022112620681104333236352F16", "68010022112620689110333236353338343848343843B3333333D516"],
      ["68010022112620681104333339353316", "680100221126206891063333393533432B16"],
      ["680100221126206811043533B335AF16", "680100221126206891063533B3353583E916"],
      ["68010022112620681104343833373516", "680100221126206891063438333733331D16"],
    ],
    samples: {
      "Meter/Energy": 999999.99,
      "Meter/EnergyExported": 0.01,
      "Phase/1/Voltage": 230.5,
      "Phase/2/Voltage": 229.8,
      "Phase/3/Voltage": { value: null, quality: NO_READING },
      "Phase/1/Current": 5.001,
      "Phase/2/Current": -123.456,
      "Phase/3/Current": { value: null, quality: NO_READING },
      "Meter/Power": 1.05,
      "Phase/1/Power": 1.1505,
      "Phase/2/Power": -0.1005,
      "Phase/3/Power": 0,
      "Meter/PowerFactor": 1,
      "Meter/Frequency": 50.02,
      "Battery/Low": false,
    },
  },
];
