import { ascii } from "../../codecs/registers.ts";
import { antivalent, coil, discrete, input, type ModbusProfile, text } from "../modbus-profile.ts";

/**
 * A button with a make and a break contact on two inputs of an input module with latches, and a siren on a relay.
 * The two contacts supervise each other, so that a cut line is a fault and never silence; the latch holds a press
 * that is shorter than the polling period.
 */
export const genericPanicButton: ModbusProfile = {
  id: "panic-button/generic-supervised-input",
  protocol: "modbus",
  vendor: "generic",
  model: "Supervised Modbus input with latch",
  title: { zh: "通用一键报警按钮（Modbus 输入）", en: "Generic panic button (supervised Modbus input)" },
  class: "panic-button",
  proven: "peer",
  sources: [
    "Address map of our own",
    "Latching inputs as real modules have them: Advantech ADAM-4100 Series User's Manual, appendix B, DI mode 02 “Low-->High Latch Mode”",
    "MODBUS Application Protocol Specification V1.1b3, 4.3, 6.1, 6.2 and 6.5",
  ],
  pollInterval_ms: 250,
  identity: {
    "Properties/Serial": input(0, text({ codec: ascii(8) })),
    "Properties/Firmware": input(8, text({ codec: ascii(4) })),
  },
  points: {
    "Panic/Pressed": discrete(0, { latchCoil: 16 }),
    "Panic/LineFault": antivalent({ makes: 0, breaks: 1 }),
    "Relay/1/Closed": coil(0),
  },
  atRest: {
    "Properties/Serial": "PB-000001",
    "Properties/Firmware": "1.0.0",
    "Panic/Pressed": false,
    "Panic/LineFault": false,
    "Relay/1/Closed": false,
  },
};
