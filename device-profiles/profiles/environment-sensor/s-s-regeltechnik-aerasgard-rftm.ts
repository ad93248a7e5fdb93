import { int16 } from "../../codecs/registers.ts";
import { input, type ModbusProfile, numeric } from "../modbus-profile.ts";

/** Room sensor for CO₂, temperature, humidity and particulate matter, RS-485 behind a Modbus TCP gateway. */
export const aerasgardRftm: ModbusProfile = {
  id: "environment-sensor/s-s-regeltechnik-aerasgard-rftm",
  protocol: "modbus",
  vendor: "S+S Regeltechnik",
  model: "AERASGARD RFTM-LQ-PS-CO2-Modbus",
  title: { zh: "AERASGARD RFTM 室内空气传感器", en: "AERASGARD RFTM room air sensor" },
  class: "environment-sensor",
  proven: "vectors",
  sources: [
    "S+S Regeltechnik AERASGARD RFTM-LQ-PS-CO2-Modbus, operating instructions, page 24, “Function 04 Read Input Register”: 3x0002 CO2 filtered, 3x0006 temperature filtered, 3x0008 humidity filtered, 3x0015 particulate matter filtered (set to PM 2.5 and °C, as delivered)",
  ],
  pollInterval_ms: 10_000,
  identity: {},
  points: {
    "Environment/CO2": input(1, numeric({ codec: int16() })),
    "Environment/Temperature": input(5, numeric({ codec: int16(), divisor: 10 })),
    "Environment/Humidity": input(7, numeric({ codec: int16(), divisor: 10 })),
    "Environment/PM25": input(14, numeric({ codec: int16() })),
  },
  // 3x0002 to 3x0008 are all assigned, so they are read as one.
  readGap: 3,
  atRest: {
    "Environment/CO2": 620,
    "Environment/Temperature": 22.5,
    "Environment/Humidity": 45,
    "Environment/PM25": 18,
  },
};
