import { float32 } from "../../codecs/registers.ts";
import { input, type ModbusProfile, numeric } from "../modbus-profile.ts";

const plain = numeric({ codec: float32() });
const watts = numeric({ codec: float32(), divisor: 1000 });

/** Single-phase DIN rail meter, 45 A; RS-485, 2400 8N1 as delivered. */
export const eastronSdm120: ModbusProfile = {
  id: "meter/eastron-sdm120",
  protocol: "modbus",
  vendor: "Eastron",
  model: "SDM120-Modbus",
  title: { zh: "Eastron SDM120 单相电表", en: "Eastron SDM120 single-phase meter" },
  class: "meter",
  proven: "vectors",
  sources: ["Eastron SDM120-Modbus, Modbus protocol implementation: input registers 30001 to 30345"],
  pollInterval_ms: 30_000,
  identity: {},
  points: {
    "Phase/1/Voltage": input(0x0000, plain),
    "Phase/1/Current": input(0x0006, plain),
    "Meter/Power": input(0x000c, watts),
    "Meter/PowerFactor": input(0x001e, plain),
    "Meter/Frequency": input(0x0046, plain),
    "Meter/Energy": input(0x0048, plain),
    "Meter/EnergyExported": input(0x004a, plain),
  },
  // The whole block from 0x0000 on is answered, with noughts where the meter measures nothing.
  readGap: 38,
  atRest: {
    "Phase/1/Voltage": 230.5,
    "Phase/1/Current": 2.25,
    "Meter/Power": 0.5,
    "Meter/PowerFactor": 0.97,
    "Meter/Frequency": 50,
    "Meter/Energy": 1234.5,
    "Meter/EnergyExported": 0,
  },
};
