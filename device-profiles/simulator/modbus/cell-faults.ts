/** What is wrong inside a Modbus device, as its cells show it. */
import type { ModbusImage } from "../../codecs/modbus-image.ts";
import type { ModbusPoint, ModbusProfile, RegisterPoint } from "../../profiles/modbus-profile.ts";
import { metricDefinition } from "../../vocabulary/index.ts";
import { CLOCK_FAULTS } from "../device-clock.ts";
import type { SimulatedFault } from "../simulated-device.ts";

/** The faults that a device of this profile can show: one without a clock cannot have a wrong one. */
export function faultsOf({ identity, points, log }: ModbusProfile): readonly SimulatedFault[] {
  const all = Object.values({ ...identity, ...points });
  const metrics = Object.keys(points).map(metricDefinition);
  const faults: readonly (readonly [SimulatedFault, boolean])[] = [
    ["stuck", true],
    ["sentinel", all.some(hasSentinel)],
    ["word-swapped", all.some(isWide)],
    ["not-done", metrics.some((metric) => metric?.writable === true)],
    ["counter-reset", log !== undefined || metrics.some((metric) => metric?.kind === "counter")],
    ...CLOCK_FAULTS.map((fault) => [fault, log !== undefined] as const),
  ];
  return faults.flatMap(([fault, possible]) => (possible ? [fault] : []));
}

/** Every sensor that has a value for “no reading” shows it. */
export function missingSensors(image: ModbusImage, points: readonly ModbusPoint[]): ModbusImage {
  const shown = image.copy();
  for (const point of points.filter(hasSentinel)) {
    const [sentinel = Number.NaN] = point.sentinels ?? [];
    shown.write(point.table, point.pduAddress, point.codec.encode(sentinel));
  }
  return shown;
}

/** Values of two registers come with the other one first. */
export function swappedWords(image: ModbusImage, points: readonly ModbusPoint[]): ModbusImage {
  const shown = image.copy();
  for (const point of points.filter(isWide)) {
    const words = image.read(point.table, point.pduAddress, point.codec.registers) ?? [];
    shown.write(point.table, point.pduAddress, words.toReversed());
  }
  return shown;
}

type NumberPoint = RegisterPoint & { readonly type: "number" };

const isNumber = (point: ModbusPoint): point is NumberPoint =>
  point.kind === "register" && point.type === "number";

const hasSentinel = (point: ModbusPoint): point is NumberPoint =>
  isNumber(point) && (point.sentinels !== undefined || point.codec.fractions === true);

const isWide = (point: ModbusPoint): point is NumberPoint => isNumber(point) && point.codec.registers === 2;
