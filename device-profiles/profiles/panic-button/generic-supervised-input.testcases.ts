import type { ModbusTestcase } from "../testcase.ts";

const atRest = (title: string, coil: string, latch: string, contacts: string) => ({
  title,
  poll: true,
  exchanges: [
    ["01 0000 0001", `01 01 ${coil}`],
    ["01 0010 0001", `01 01 ${latch}`],
    ["02 0000 0002", `02 01 ${contacts}`],
  ] as const,
});

export const testcases: readonly ModbusTestcase[] = [
  {
    title: "identity",
    exchanges: [
      ["04 0000 000C", "04 18 41 43 2D 31 31 31 37 00 00 00 00 00 00 00 00 00 31 2E 34 00 00 00 00 00"],
    ],
    samples: { "Properties/Serial": "AC-1117", "Properties/Firmware": "1.4" },
  },
  {
    ...atRest("at rest: make open, break closed", "00", "00", "02"),
    samples: { "Panic/Pressed": false, "Panic/LineFault": false, "Relay/1/Closed": false },
  },
  {
    ...atRest("held down: make closed, break open, siren on", "01", "01", "01"),
    samples: { "Panic/Pressed": true, "Panic/LineFault": false, "Relay/1/Closed": true },
  },
  {
    ...atRest("let go before the poll: only the latch knows", "00", "01", "02"),
    samples: { "Panic/Pressed": true, "Panic/LineFault": false },
  },
  {
    ...atRest("cut line: both contacts open", "00", "00", "00"),
    samples: { "Panic/Pressed": false, "Panic/LineFault": true },
  },
  {
    ...atRest("short circuit: both contacts closed", "00", "01", "03"),
    samples: { "Panic/Pressed": true, "Panic/LineFault": true },
  },
];
