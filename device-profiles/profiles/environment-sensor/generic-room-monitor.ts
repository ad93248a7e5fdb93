import { ascii, int16, uint16 } from "../../codecs/registers.ts";
import { discrete, input, type ModbusProfile, numeric, text } from "../modbus-profile.ts";

const NO_READING_SIGNED = 0x7fff;
const NO_READING = 0xffff;

/** A room monitor with four measurements and two alarm contacts. */
export const genericRoomMonitor: ModbusProfile = {
  id: "environment-sensor/generic-room-monitor",
  protocol: "modbus",
  vendor: "generic",
  model: "Modbus room monitor",
  title: { zh: "通用室内环境监测仪（Modbus）", en: "Generic room monitor (Modbus)" },
  class: "environment-sensor",
  proven: "peer",
  sources: [
    "Register map of our own, in the manner of published maps (S+S Regeltechnik AERASGARD RFTM; ELT MB-350U-C)",
    "MODBUS Application Protocol Specification V1.1b3, 4.3, 6.2 and 6.4",
  ],
  pollInterval_ms: 5_000,
  identity: {
    "Properties/Serial": input(0, text({ codec: ascii(8) })),
    "Properties/Firmware": input(8, text({ codec: ascii(4) })),
  },
  points: {
    "Environment/Temperature": input(
      32,
      numeric({ codec: int16(), divisor: 10, sentinels: [NO_READING_SIGNED] }),
    ),
    "Environment/Humidity": input(33, numeric({ codec: uint16(), divisor: 10, sentinels: [NO_READING] })),
    "Environment/CO2": input(34, numeric({ codec: uint16(), sentinels: [NO_READING] })),
    "Environment/PM25": input(35, numeric({ codec: uint16(), divisor: 10, sentinels: [NO_READING] })),
    "Environment/Smoke": discrete(0),
    "Environment/Leak": discrete(1),
  },
  atRest: {
    "Properties/Serial": "EN-000001",
    "Properties/Firmware": "1.0.0",
    "Environment/Temperature": 22.5,
    "Environment/Humidity": 45,
    "Environment/CO2": 620,
    "Environment/PM25": 18,
    "Environment/Smoke": false,
    "Environment/Leak": false,
  },
};
