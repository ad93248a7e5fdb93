import { int16, uint16 } from "../../codecs/registers.ts";
import { input, type ModbusProfile, numeric } from "../modbus-profile.ts";

/** The cheap DIN rail sensor for temperature and humidity (SHT20) that is sold under many names; RS-485, 9600 8N1. */
export const xyMd02: ModbusProfile = {
  id: "environment-sensor/xy-md02",
  protocol: "modbus",
  vendor: "generic",
  model: "XY-MD02",
  title: { zh: "XY-MD02 温湿度变送器", en: "XY-MD02 temperature and humidity transmitter" },
  class: "environment-sensor",
  proven: "vectors",
  sources: [
    "XY-MD02 Modbus RTU RS485 SHT20 temperature humidity transmitter, instructions: input registers 1 and 2",
  ],
  pollInterval_ms: 30_000,
  identity: {},
  points: {
    "Environment/Temperature": input(1, numeric({ codec: int16(), divisor: 10 })),
    "Environment/Humidity": input(2, numeric({ codec: uint16(), divisor: 10 })),
  },
  atRest: { "Environment/Temperature": 22.5, "Environment/Humidity": 45 },
};
