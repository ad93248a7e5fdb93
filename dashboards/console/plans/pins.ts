import type { PlanPin } from "../../api/api.ts";

/** The arrow keys move a pin by this share of the picture, and faster with Shift. */
const STEP = 0.005;
const LEAP = 0.05;

const DIRECTIONS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const share = (value: number): number => Math.min(1, Math.max(0, Math.round(value * 10_000) / 10_000));

/** A pin never leaves its picture. */
export function placed(pins: readonly PlanPin[], device: string, x: number, y: number): readonly PlanPin[] {
  const others = pins.filter((pin) => pin.device !== device);
  return [...others, { device, x: share(x), y: share(y) }];
}

/** After a key; the same pins when the key is none of a pin's. */
export function keyed(
  pins: readonly PlanPin[],
  device: string,
  key: string,
  fast: boolean,
): readonly PlanPin[] {
  if (key === "Delete" || key === "Backspace") return pins.filter((pin) => pin.device !== device);
  const pin = pins.find((each) => each.device === device);
  const direction = Object.hasOwn(DIRECTIONS, key) ? DIRECTIONS[key] : undefined;
  if (pin === undefined || direction === undefined) return pins;
  const step = fast ? LEAP : STEP;
  return placed(pins, device, pin.x + direction[0] * step, pin.y + direction[1] * step);
}
