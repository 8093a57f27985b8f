/** The steps between the labels of an axis of numbers: 1, 2 or 5 times a power of ten, so that labels are short and exact. */
const TIMES = [1, 2, 5];

/** Round steps in ascending order, from the smallest one that is at least `least`. */
export function roundSteps(least: number): number[] {
  const power = Math.floor(Math.log10(least));
  const steps = [0, 1, 2].flatMap((more) => TIMES.map((times) => Number(`${times}e${power + more}`)));
  return steps.filter((step) => step >= least * (1 - 1e-9));
}

export interface RoundEnds {
  low: number;
  high: number;
  step: number;
}

/** The nearest round ends around two numbers (`low` below `high`) that are at most `most` equal steps apart. */
export function roundEnds(low: number, high: number, most: number, whole = false): RoundEnds {
  const steps = roundSteps((high - low) / most);
  const ends = steps.map((step) => ({ step, from: Math.floor(low / step + 1e-9), to: Math.ceil(high / step - 1e-9) }));
  const found = ends.find(({ step, from, to }) => to - from <= most && (!whole || step >= 1));
  if (found === undefined) return { low, high, step: high - low };
  const { step, from, to } = found;
  return { low: Number((from * step).toPrecision(12)), high: Number((to * step).toPrecision(12)), step };
}
