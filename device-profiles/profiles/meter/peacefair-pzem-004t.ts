import { uint16, uint32 } from "../../codecs/registers.ts";
import { flag, input, type ModbusProfile, numeric } from "../modbus-profile.ts";

/** Values of two registers come with the lower one first. */
const wide = (divisor: number) => numeric({ codec: uint32("CDAB"), divisor });

/** Single-phase energy module with a current transformer; the RS-485 variant is sold as PZEM-014 and PZEM-016. 9600 8N1. */
export const peacefairPzem004t: ModbusProfile = {
  id: "meter/peacefair-pzem-004t",
  protocol: "modbus",
  vendor: "Peacefair",
  model: "PZEM-004T v3.0, PZEM-014, PZEM-016",
  title: { zh: "PZEM-004T 单相电能模块", en: "PZEM-004T single-phase energy module" },
  class: "meter",
  proven: "vectors",
  sources: ["Peacefair PZEM-004T V3.0 user manual, 2.3 “Read the measurement result”"],
  pollInterval_ms: 30_000,
  identity: {},
  points: {
    "Phase/1/Voltage": input(0, numeric({ codec: uint16(), divisor: 10 })),
    "Phase/1/Current": input(1, wide(1000)),
    "Meter/Power": input(3, wide(10_000)),
    "Meter/Energy": input(5, wide(1000)),
    "Meter/Frequency": input(7, numeric({ codec: uint16(), divisor: 10 })),
    "Meter/PowerFactor": input(8, numeric({ codec: uint16(), divisor: 100 })),
    "Meter/Overload": input(9, flag({ codec: uint16(), mask: 0xffff })),
  },
  atRest: {
    "Phase/1/Voltage": 230.1,
    "Phase/1/Current": 1.5,
    "Meter/Power": 0.33,
    "Meter/Energy": 87.654,
    "Meter/Frequency": 50,
    "Meter/PowerFactor": 0.96,
    "Meter/Overload": false,
  },
};
