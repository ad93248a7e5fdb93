import { coil, type ModbusProfile } from "../modbus-profile.ts";

const RELAYS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** Eight relays for lights, sockets or door locks; RS-485, 9600 8N1. Protocol version 2, sold since September 2021. */
export const waveshareModbusRtuRelay: ModbusProfile = {
  id: "actuator/waveshare-modbus-rtu-relay",
  protocol: "modbus",
  vendor: "Waveshare",
  model: "Modbus RTU Relay (8-ch)",
  title: { zh: "微雪 8 路继电器模块", en: "Waveshare eight-relay module" },
  class: "actuator",
  proven: "vectors",
  sources: [
    "Waveshare Modbus RTU Relay, development protocol V2: control single relay, read status of relays",
  ],
  pollInterval_ms: 2_000,
  identity: {},
  points: Object.fromEntries(RELAYS.map((relay) => [`Relay/${relay}/Closed`, coil(relay - 1)])),
  atRest: Object.fromEntries(RELAYS.map((relay) => [`Relay/${relay}/Closed`, false])),
};
