import { int16, int32 } from "../../codecs/registers.ts";
import { input, type ModbusProfile, numeric } from "../modbus-profile.ts";
import { phasesAtRest, threePhases } from "./phases.ts";

/** Values of two registers come with the lower one first; what cannot be measured is 0x7FFFFFFF. */
const wide = (divisor: number) => numeric({ codec: int32("CDAB"), divisor, sentinels: [0x7fff_ffff] });
const narrow = (divisor: number) => numeric({ codec: int16(), divisor, sentinels: [0x7fff] });

/** Three-phase DIN rail analyser, 65 A or with transformers; RS-485, 9600 8N1. */
export const carloGavazziEm24: ModbusProfile = {
  id: "meter/carlo-gavazzi-em24",
  protocol: "modbus",
  vendor: "Carlo Gavazzi",
  model: "EM24-DIN",
  title: { zh: "Carlo Gavazzi EM24 三相电表", en: "Carlo Gavazzi EM24 three-phase meter" },
  class: "meter",
  proven: "vectors",
  sources: [
    "Carlo Gavazzi EM24-DIN serial communication protocol, version 3: map of the X models, 0000h to 005Ch",
  ],
  pollInterval_ms: 30_000,
  identity: {},
  points: {
    ...threePhases("Voltage", 0x0000, 2, (at) => input(at, wide(10))),
    ...threePhases("Current", 0x000c, 2, (at) => input(at, wide(1000))),
    ...threePhases("Power", 0x0012, 2, (at) => input(at, wide(10_000))),
    "Meter/Power": input(0x0028, wide(10_000)),
    "Meter/PowerFactor": input(0x0035, narrow(1000)),
    "Meter/Frequency": input(0x0037, narrow(10)),
    "Meter/Energy": input(0x003e, wide(10)),
    "Meter/EnergyExported": input(0x005c, wide(10)),
  },
  atRest: {
    ...phasesAtRest(230.4, 6.789, 1.5),
    "Meter/Power": 4.5,
    "Meter/PowerFactor": 0.953,
    "Meter/Frequency": 50,
    "Meter/Energy": 75_310.4,
    "Meter/EnergyExported": 0,
  },
};
