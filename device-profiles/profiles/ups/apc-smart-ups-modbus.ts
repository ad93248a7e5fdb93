import { ascii, int16, uint16, uint32 } from "../../codecs/registers.ts";
import { flag, holding, type ModbusProfile, numeric, type RegisterField, text } from "../modbus-profile.ts";

const ON_BATTERY = 1 << 2;
const SHUTDOWN_IMMINENT = 1 << 1;
const NOT_APPLICABLE = 0xffff;

/** Fixed point: `bits` of the register are behind the point. */
const fixed = (bits: number): RegisterField =>
  numeric({ codec: uint16(), divisor: 2 ** bits, sentinels: [NOT_APPLICABLE] });

/** Smart-UPS with Modbus over its serial port (9600 8N1) or over TCP; Modbus must be switched on at its display. */
export const apcSmartUpsModbus: ModbusProfile = {
  id: "ups/apc-smart-ups-modbus",
  protocol: "modbus",
  vendor: "APC",
  model: "Smart-UPS SMT, SMX, SRT",
  title: { zh: "APC Smart-UPS（Modbus）", en: "APC Smart-UPS (Modbus)" },
  class: "ups",
  proven: "vectors",
  sources: [
    "APC by Schneider Electric, application note 176, “Modbus implementation in APC Smart-UPS”, register map 990-9840",
  ],
  pollInterval_ms: 5_000,
  identity: {
    "Properties/Firmware": holding(516, text({ codec: ascii(8) })),
    "Properties/Model": holding(532, text({ codec: ascii(16) })),
    "Properties/Serial": holding(564, text({ codec: ascii(8) })),
  },
  points: {
    "Ups/OnBattery": holding(0, flag({ codec: uint32(), mask: ON_BATTERY })),
    "Ups/BatteryLow": holding(18, flag({ codec: uint16(), mask: SHUTDOWN_IMMINENT })),
    "Ups/Runtime": holding(128, numeric({ codec: uint32() })),
    "Battery/Level": holding(130, fixed(9)),
    "Battery/Voltage": holding(131, numeric({ codec: int16(), divisor: 32 })),
    "System/Temperature": holding(135, numeric({ codec: int16(), divisor: 128 })),
    "Ups/Load": holding(136, fixed(8)),
  },
  atRest: {
    "Properties/Firmware": "UPS 09.3",
    "Properties/Model": "Smart-UPS 1500",
    "Properties/Serial": "AS0000000001",
    "Ups/OnBattery": false,
    "Ups/BatteryLow": false,
    "Ups/Runtime": 2820,
    "Battery/Level": 100,
    "Battery/Voltage": 27.25,
    "System/Temperature": 26.5,
    "Ups/Load": 24.5,
  },
};
