import { float32, uint16, uint32 } from "../../codecs/registers.ts";
import { flag, holding, type ModbusProfile, numeric } from "../modbus-profile.ts";

/**
 * A water meter with Modbus RTU on RS-485, behind a map of our own: makers' maps differ, and a profile that extends this
 * one says where a meter's own registers lie.
 */
export const genericModbusWater: ModbusProfile = {
  id: "meter/generic-modbus-water",
  protocol: "modbus",
  vendor: "generic",
  model: "Modbus water meter",
  title: { zh: "通用 Modbus 水表（自定义寄存器表）", en: "Generic Modbus water meter (a map of our own)" },
  class: "meter",
  proven: "vectors",
  sources: ["a map of our own: litres as uint32, m³/h as float32, status bits; no maker's document"],
  pollInterval_ms: 60_000,
  identity: {},
  points: {
    "Water/Volume": holding(0x0000, numeric({ codec: uint32(), divisor: 1_000 })),
    "Water/Flow": holding(0x0002, numeric({ codec: float32() })),
    "Water/ValveClosed": holding(0x0004, flag({ codec: uint16(), mask: 0b001 })),
    "Battery/Low": holding(0x0004, flag({ codec: uint16(), mask: 0b100 })),
  },
  atRest: {
    "Water/Volume": 321.5,
    "Water/Flow": 0.25,
    "Water/ValveClosed": false,
    "Battery/Low": false,
  },
};
