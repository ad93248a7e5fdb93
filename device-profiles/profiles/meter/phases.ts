/** What repeats on each phase of a meter. */
import type { MetricName } from "../../vocabulary/index.ts";
import type { ModbusPoint } from "../modbus-profile.ts";

const PHASES = [1, 2, 3] as const;

/** `Phase/1/<metric>` to `Phase/3/<metric>`, where phase n lies `step` registers behind phase n - 1. */
export function threePhases(
  metric: "Voltage" | "Current" | "Power",
  first: number,
  step: number,
  point: (pduAddress: number) => ModbusPoint,
): Readonly<Record<MetricName, ModbusPoint>> {
  return Object.fromEntries(
    PHASES.map((phase, index) => [`Phase/${phase}/${metric}`, point(first + index * step)]),
  );
}

/** A campus at rest: three phases of the same voltage, current and power. */
export function phasesAtRest(voltage: number, current: number, power: number) {
  return Object.fromEntries(
    PHASES.flatMap((phase) => [
      [`Phase/${phase}/Voltage`, voltage],
      [`Phase/${phase}/Current`, current],
      [`Phase/${phase}/Power`, power],
    ]),
  );
}
