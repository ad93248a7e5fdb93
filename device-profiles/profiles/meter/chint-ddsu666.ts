import { float32 } from "../../codecs/registers.ts";
import { holding, type ModbusProfile, numeric } from "../modbus-profile.ts";

const plain = numeric({ codec: float32() });

/** Single-phase DIN rail meter, common in China; RS-485, which speaks DL/T 645 or Modbus as it is set. 9600 8N1. */
export const chintDdsu666: ModbusProfile = {
  id: "meter/chint-ddsu666",
  protocol: "modbus",
  vendor: "CHINT",
  model: "DDSU666",
  title: { zh: "正泰 DDSU666 单相电表", en: "CHINT DDSU666 single-phase meter" },
  class: "meter",
  proven: "vectors",
  sources: ["CHINT DDSU666 single-phase electronic meter, user manual: Modbus communication parameter table"],
  pollInterval_ms: 30_000,
  identity: {},
  points: {
    "Phase/1/Voltage": holding(0x2000, plain),
    "Phase/1/Current": holding(0x2002, plain),
    // In kilowatts already.
    "Meter/Power": holding(0x2004, plain),
    "Meter/PowerFactor": holding(0x200a, plain),
    "Meter/Frequency": holding(0x200e, plain),
    "Meter/Energy": holding(0x4000, plain),
  },
  atRest: {
    "Phase/1/Voltage": 229.5,
    "Phase/1/Current": 3.125,
    "Meter/Power": 0.6875,
    "Meter/PowerFactor": 0.96,
    "Meter/Frequency": 50,
    "Meter/Energy": 6543.25,
  },
};
