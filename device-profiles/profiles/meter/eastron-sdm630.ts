import { float32 } from "../../codecs/registers.ts";
import { input, type ModbusProfile, numeric } from "../modbus-profile.ts";
import { phasesAtRest, threePhases } from "./phases.ts";

const plain = numeric({ codec: float32() });
const watts = numeric({ codec: float32(), divisor: 1000 });

/** Three-phase DIN rail meter, 100 A; RS-485, 9600 8N1. */
export const eastronSdm630: ModbusProfile = {
  id: "meter/eastron-sdm630",
  protocol: "modbus",
  vendor: "Eastron",
  model: "SDM630-Modbus",
  title: { zh: "Eastron SDM630 三相电表", en: "Eastron SDM630 three-phase meter" },
  class: "meter",
  proven: "vectors",
  sources: ["Eastron SDM630-Modbus, Modbus protocol implementation: input registers 30001 to 30076"],
  pollInterval_ms: 30_000,
  identity: {},
  points: {
    ...threePhases("Voltage", 0x0000, 2, (at) => input(at, plain)),
    ...threePhases("Current", 0x0006, 2, (at) => input(at, plain)),
    ...threePhases("Power", 0x000c, 2, (at) => input(at, watts)),
    "Meter/Power": input(0x0034, watts),
    "Meter/PowerFactor": input(0x003e, plain),
    "Meter/Frequency": input(0x0046, plain),
    "Meter/Energy": input(0x0048, plain),
    "Meter/EnergyExported": input(0x004a, plain),
  },
  // The whole block from 0x0000 on is answered.
  readGap: 34,
  atRest: {
    ...phasesAtRest(230.5, 4.5, 1),
    "Meter/Power": 3,
    "Meter/PowerFactor": 0.96,
    "Meter/Frequency": 50,
    "Meter/Energy": 48_210.5,
    "Meter/EnergyExported": 0,
  },
};
