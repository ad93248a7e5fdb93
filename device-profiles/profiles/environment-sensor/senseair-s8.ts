import { int16 } from "../../codecs/registers.ts";
import { input, type ModbusProfile, numeric } from "../modbus-profile.ts";

/** Carbon dioxide sensor; UART or RS-485 carrier, 9600 8N1. Its address is 254 unless it was given another. */
export const senseairS8: ModbusProfile = {
  id: "environment-sensor/senseair-s8",
  protocol: "modbus",
  vendor: "Senseair",
  model: "S8 LP",
  title: { zh: "Senseair S8 二氧化碳传感器", en: "Senseair S8 carbon dioxide sensor" },
  class: "environment-sensor",
  proven: "vectors",
  sources: [
    "Senseair TDE2067, Modbus on Senseair S8: input register IR4, “space CO2”, and the example of reading it",
  ],
  pollInterval_ms: 15_000,
  identity: {},
  points: { "Environment/CO2": input(3, numeric({ codec: int16() })) },
  atRest: { "Environment/CO2": 620 },
};
