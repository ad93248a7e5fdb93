import { float32 } from "../../codecs/registers.ts";
import { holding, type ModbusProfile, numeric } from "../modbus-profile.ts";
import { phasesAtRest, threePhases } from "./phases.ts";

const plain = numeric({ codec: float32() });

/** Three-phase DIN rail meter, 63 A; RS-485, 19200 8E1 as delivered. The manual's registers are counted from 1. */
export const schneiderIem3155: ModbusProfile = {
  id: "meter/schneider-iem3155",
  protocol: "modbus",
  vendor: "Schneider Electric",
  model: "iEM3150, iEM3155",
  title: { zh: "施耐德 iEM3155 三相电表", en: "Schneider iEM3155 three-phase meter" },
  class: "meter",
  proven: "vectors",
  sources: ["Schneider Electric iEM3000 series user manual, Modbus register list: 3000 to 3110, 45100"],
  pollInterval_ms: 30_000,
  identity: {},
  points: {
    ...threePhases("Current", 2999, 2, (at) => holding(at, plain)),
    ...threePhases("Voltage", 3027, 2, (at) => holding(at, plain)),
    // In kilowatts already.
    ...threePhases("Power", 3053, 2, (at) => holding(at, plain)),
    "Meter/Power": holding(3059, plain),
    "Meter/Frequency": holding(3109, plain),
    // In watt-hours.
    "Meter/Energy": holding(45_099, numeric({ codec: float32(), divisor: 1000 })),
  },
  atRest: {
    ...phasesAtRest(231.5, 12.5, 2.5),
    "Meter/Power": 7.5,
    "Meter/Frequency": 50,
    "Meter/Energy": 9876,
  },
};
