import { ascii, hexBytes, uint16 } from "../../codecs/registers.ts";
import { choice, coil, discrete, input, type ModbusProfile, recordField, text } from "../modbus-profile.ts";

/** A door controller with one reader, a lock relay, a strobe relay and a log of the cards it saw. */
export const genericGateController: ModbusProfile = {
  id: "access-gate/generic-modbus-controller",
  protocol: "modbus",
  vendor: "generic",
  model: "Modbus access controller",
  title: { zh: "通用门禁控制器（Modbus）", en: "Generic access controller (Modbus)" },
  class: "access-gate",
  proven: "peer",
  sources: [
    "Register map of our own: controllers with Modbus publish none in common",
    "MODBUS Application Protocol Specification V1.1b3, 4.3, 6.1, 6.2, 6.4 and 6.5",
    "Card UIDs of 4, 7 or 10 bytes: ISO/IEC 14443-3",
  ],
  pollInterval_ms: 500,
  identity: {
    "Properties/Serial": input(0, text({ codec: ascii(8) })),
    "Properties/Firmware": input(8, text({ codec: ascii(4) })),
  },
  points: {
    "Door/Open": discrete(0),
    "Door/ExitRequest": discrete(1),
    "Door/Tamper": discrete(2),
    "Door/Unlocked": coil(0),
    "Relay/1/Closed": coil(1),
  },
  log: {
    event: "Access/Swipe",
    table: "input",
    clockAt: 16,
    newestAt: 19,
    firstRecordAt: 100,
    capacity: 64,
    recordRegisters: 14,
    fields: {
      credential: recordField(5, text({ codec: hexBytes(5) }), { pseudonymous: true }),
      result: recordField(10, choice({ codec: uint16(), values: { 0: "refused", 1: "granted" } })),
      reason: recordField(
        11,
        choice({
          codec: uint16(),
          values: { 0: "none", 1: "unknown", 2: "revoked", 3: "schedule", 4: "antipassback" },
        }),
      ),
      direction: recordField(12, choice({ codec: uint16(), values: { 0: "in", 1: "out" } })),
    },
  },
  atRest: {
    "Properties/Serial": "AC-000001",
    "Properties/Firmware": "1.0.0",
    "Door/Open": false,
    "Door/ExitRequest": false,
    "Door/Tamper": false,
    "Door/Unlocked": false,
    "Relay/1/Closed": false,
  },
};
