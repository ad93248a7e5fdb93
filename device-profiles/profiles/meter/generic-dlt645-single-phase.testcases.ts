import type { Quality } from "../../vocabulary/index.ts";
import type { Dlt645Testcase } from "../testcase.ts";

const NO_READING: Quality = { status: "bad", reason: "sentinel" };
const OUT_OF_RANGE: Quality = { status: "bad", reason: "out-of-range" };

export const testcases: readonly Dlt645Testcase[] = [
  {
    title: "the meter's number",
    exchanges: [["68010022112620681104353733373516", "6801002211262068910A353733373433554459536716"]],
    samples: {
      "Properties/Serial": "202611220001",
    },
  },
  {
    title: "12345.67 kWh, and a room that feeds back",
    poll: true,
    exchanges: [
      ["68010022112620681104333334332C16", "68010022112620689108333334339A7856344C16"],
      ["68010022112620681104333335332D16", "6801002211262068910833333533CC3333331616"],
      ["68010022112620681104333434352F16", "680100221126206891063334343538563F16"],
      ["68010022112620681104333435353016", "68010022112620689107333435357856B43516"],
      ["68010022112620681104333336353016", "680100221126206891073333363589B7B5A816"],
      ["68010022112620681104333339353316", "6801002211262068910633333935CBBC3C16"],
      ["680100221126206811043533B335AF16", "680100221126206891063533B335CB7C7816"],
      ["68010022112620681104343833373516", "680100221126206891063438333737332116"],
    ],
    samples: {
      "Meter/Energy": 12345.67,
      "Meter/EnergyExported": 0.99,
      "Phase/1/Voltage": 230.5,
      "Phase/1/Current": -12.345,
      "Meter/Power": -2.8456,
      "Meter/PowerFactor": -0.998,
      "Meter/Frequency": 49.98,
      "Battery/Low": true,
    },
  },
  {
    title: "what it does not measure is all bits, and 0 Hz is no grid",
    exchanges: [
      ["68010022112620681104333434352F16", "680100221126206891063334343532321516"],
      ["680100221126206811043533B335AF16", "680100221126206891063533B33533339716"],
      ["68010022112620681104343833373516", "68010022112620689106343833372E321716"],
    ],
    samples: {
      "Phase/1/Voltage": { value: null, quality: NO_READING },
      "Meter/Frequency": { value: 0, quality: OUT_OF_RANGE },
      "Battery/Low": false,
    },
  },
];
