import { amount, type Dlt645Profile, item } from "../dlt645-profile.ts";
import {
  clockBattery,
  energy,
  energyExported,
  frequency,
  genericDlt645SinglePhase,
  meterNumber,
} from "./generic-dlt645-single-phase.ts";
import { phasesAtRest } from "./phases.ts";

const signed = { signed: true };

/** A three-phase meter of the grid company's kind (DTZY, DTSD …); the blocks FF bring all phases in one answer. */
export const genericDlt645ThreePhase: Dlt645Profile = {
  ...genericDlt645SinglePhase,
  id: "meter/generic-dlt645-three-phase",
  model: "DL/T 645-2007 three-phase meter",
  title: { zh: "通用三相电表（DL/T 645-2007）", en: "Generic three-phase meter (DL/T 645-2007)" },
  identity: [meterNumber],
  items: [
    energy,
    energyExported,
    item(
      0x0201ff00,
      amount("Phase/1/Voltage", 2, 1),
      amount("Phase/2/Voltage", 2, 1),
      amount("Phase/3/Voltage", 2, 1),
    ),
    item(
      0x0202ff00,
      amount("Phase/1/Current", 3, 3, signed),
      amount("Phase/2/Current", 3, 3, signed),
      amount("Phase/3/Current", 3, 3, signed),
    ),
    item(
      0x0203ff00,
      amount("Meter/Power", 3, 4, signed),
      amount("Phase/1/Power", 3, 4, signed),
      amount("Phase/2/Power", 3, 4, signed),
      amount("Phase/3/Power", 3, 4, signed),
    ),
    item(0x02060000, amount("Meter/PowerFactor", 2, 3, signed)),
    frequency,
    clockBattery,
  ],
  atRest: {
    ...genericDlt645SinglePhase.atRest,
    ...phasesAtRest(230.1, 2.5, 0.55),
    "Meter/Power": 1.65,
    "Meter/Energy": 48_210.55,
  },
};
