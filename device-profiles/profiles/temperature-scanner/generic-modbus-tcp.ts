import { ascii, int16, uint16 } from "../../codecs/registers.ts";
import { choice, input, type ModbusProfile, numeric, recordField, text } from "../modbus-profile.ts";

/** “No reading” of every signed temperature in this map. */
const NO_TEMPERATURE = 0x7fff;
const NO_DISTANCE = 0xffff;

const hundredths = numeric({ codec: int16(), divisor: 100, sentinels: [NO_TEMPERATURE] });
const tenths = numeric({ codec: int16(), divisor: 10, sentinels: [NO_TEMPERATURE] });

/** A wall or column scanner that measures foreheads and keeps a log of its screenings. */
export const genericTemperatureScanner: ModbusProfile = {
  id: "temperature-scanner/generic-modbus-tcp",
  protocol: "modbus",
  vendor: "generic",
  model: "Modbus TCP temperature scanner",
  title: { zh: "通用测温仪（Modbus TCP）", en: "Generic temperature scanner (Modbus TCP)" },
  class: "temperature-scanner",
  proven: "peer",
  sources: [
    "Register map of our own: vendors publish none in common. Modules are brought to it by a gateway, or get a profile of their own",
    "MODBUS Application Protocol Specification V1.1b3, 4.3 and 6.4",
    "Sentinel 0x7FFF: the usual “not available” of a signed 16-bit register",
  ],
  pollInterval_ms: 1_000,
  identity: {
    "Properties/Serial": input(0, text({ codec: ascii(8) })),
    "Properties/Firmware": input(8, text({ codec: ascii(4) })),
  },
  points: {
    "Temperature/Ambient": input(19, tenths),
    "Temperature/Fault": input(
      20,
      choice({ codec: uint16(), values: { 0: "ok", 1: "warning", 2: "error" } }),
    ),
  },
  log: {
    event: "Temperature/Screening",
    table: "input",
    clockAt: 16,
    newestAt: 21,
    firstRecordAt: 100,
    capacity: 32,
    recordRegisters: 12,
    fields: {
      celsius: recordField(5, hundredths),
      raw: recordField(6, hundredths),
      correction: recordField(7, hundredths),
      ambient: recordField(8, tenths),
      distance: recordField(9, numeric({ codec: uint16(), divisor: 10, sentinels: [NO_DISTANCE] })),
      retest: recordField(10, numeric({ codec: uint16() })),
    },
  },
  atRest: {
    "Properties/Serial": "TS-000001",
    "Properties/Firmware": "1.0.0",
    "Temperature/Ambient": 21.5,
    "Temperature/Fault": "ok",
  },
};
