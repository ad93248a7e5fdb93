/** How many boxes a roll-out may have begun: 1 → 10 → 100 of a hundred, and at least one. Pure. */

export const WAVES = [0.01, 0.1, 1] as const;

/** Boxes that may have been begun up to and with this wave. */
export function allowedIn(wave: number, boxes: number): number {
  const share = WAVES[Math.min(wave, WAVES.length - 1)] ?? 1;
  // 0.1 × 30 is a little more than 3 to a computer.
  return Math.min(boxes, Math.max(1, Math.ceil(share * boxes - 1e-9)));
}

export const isLastWave = (wave: number): boolean => wave >= WAVES.length - 1;
