import { amount, type Dlt645Profile, digits, item, statusBit } from "../dlt645-profile.ts";

/** Items that every meter of the standard has, by their identifiers of appendix A. */
export const meterNumber = item(0x04000402, digits("Properties/Serial", 6));
export const energy = item(0x00010000, amount("Meter/Energy", 4, 2));
export const energyExported = item(0x00020000, amount("Meter/EnergyExported", 4, 2));
export const frequency = item(0x02800002, amount("Meter/Frequency", 2, 2));
/** Of status word 1: the clock's battery is low. */
export const clockBattery = item(0x04000501, statusBit("Battery/Low", 2, 2));

/** A single-phase meter of the grid company's kind (DDZY, DDSF …); RS-485 or infrared, 2400 8E1. */
export const genericDlt645SinglePhase: Dlt645Profile = {
  id: "meter/generic-dlt645-single-phase",
  protocol: "dlt645",
  vendor: "generic",
  model: "DL/T 645-2007 single-phase meter",
  title: { zh: "通用单相电表（DL/T 645-2007）", en: "Generic single-phase meter (DL/T 645-2007)" },
  class: "meter",
  proven: "vectors",
  sources: ["DL/T 645-2007, 7.1 and appendix A: data identifiers and formats of tables A.1, A.3 and A.5"],
  pollInterval_ms: 60_000,
  identity: [meterNumber],
  items: [
    energy,
    energyExported,
    item(0x02010100, amount("Phase/1/Voltage", 2, 1)),
    item(0x02020100, amount("Phase/1/Current", 3, 3, { signed: true })),
    item(0x02030000, amount("Meter/Power", 3, 4, { signed: true })),
    item(0x02060000, amount("Meter/PowerFactor", 2, 3, { signed: true })),
    frequency,
    clockBattery,
  ],
  atRest: {
    "Properties/Serial": "202600000001",
    "Meter/Energy": 1234.56,
    "Meter/EnergyExported": 0,
    "Phase/1/Voltage": 230.1,
    "Phase/1/Current": 2.5,
    "Meter/Power": 0.5521,
    "Meter/PowerFactor": 0.96,
    "Meter/Frequency": 50,
    "Battery/Low": false,
  },
};
