/** Whether a figure grows over time, by least squares, where what is watched begins anew now and then. */

export interface Reading {
  readonly at_s: number;
  readonly value: number;
}

export interface Slope {
  /** Of the value, an hour. */
  readonly perHour: number;
  /** Half the width of the 95 % confidence interval; infinite when there is too little to tell. */
  readonly confidence: number;
  readonly readings: number;
}

/**
 * The lowest reading of each whole window of a life. What a process holds rises between two collections of all of its heap,
 * which may be minutes apart, and a life that is shorter than a few of these only ever seems to rise; how low it comes down
 * tells what is really kept.
 */
export function floorsOf(life: readonly Reading[], window_s: number): readonly Reading[] {
  const [first] = life;
  const last = life.at(-1);
  if (first === undefined || last === undefined) return [];
  const floors = new Map<number, Reading>();
  for (const each of life) {
    const window = Math.floor((each.at_s - first.at_s) / window_s);
    const lowest = floors.get(window);
    if (lowest === undefined || each.value < lowest.value) floors.set(window, each);
  }
  const whole = Math.floor((last.at_s - first.at_s) / window_s);
  return [...floors].filter(([window]) => window < whole).map(([, floor]) => floor);
}

const HOUR_S = 3_600;
/** Two-sided 95 % of the normal distribution: there are hundreds of readings, or the interval says nothing anyway. */
const Z95 = 1.96;

/**
 * One slope for all lives of a process, each with a level of its own: what a process holds after a restart says nothing
 * about whether it grew before. Readings are taken to be independent, which a sawtooth of garbage collection nearly is
 * when they are further apart than its teeth.
 */
export function slopeOf(lives: readonly (readonly Reading[])[]): Slope {
  let [squares, products, values, readings, used] = [0, 0, 0, 0, 0];
  for (const life of lives) {
    if (life.length < 2) continue;
    const mean = (of: (each: Reading) => number): number =>
      life.reduce((sum, each) => sum + of(each), 0) / life.length;
    const [at, value] = [mean(({ at_s }) => at_s), mean((each) => each.value)];
    for (const each of life) {
      squares += (each.at_s - at) ** 2;
      products += (each.at_s - at) * (each.value - value);
      values += (each.value - value) ** 2;
    }
    readings += life.length;
    used += 1;
  }
  const perSecond = squares === 0 ? 0 : products / squares;
  const degrees = readings - used - 1;
  const residual = Math.max(0, values - perSecond * products);
  const error =
    degrees > 0 && squares > 0 ? Math.sqrt(residual / degrees / squares) : Number.POSITIVE_INFINITY;
  return { perHour: perSecond * HOUR_S, confidence: Z95 * error * HOUR_S, readings };
}
