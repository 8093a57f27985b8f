/** Which values of an axis are written beside it. */
import { roundEnds } from "../roundStep";
import { type Axis, positionOf } from "./axis";

export interface Tick {
  /** Place on the axis, from 0 to 1. */
  at: number;
  text: string;
}

/** At most `most` ticks (two at least): round values of numbers, powers of ten on a logarithmic axis, all choices. */
export function ticksOf(axis: Axis, most: number): Tick[] {
  const { scale } = axis;
  if (scale.kind === "choice") {
    const step = Math.ceil(scale.values.length / Math.max(1, most));
    return scale.values
      .map((value, place) => ({ at: (place + 0.5) / scale.values.length, text: axis.write(rawOf(value)) }))
      .filter((_, place) => place % step === 0);
  }
  const values = scale.high <= scale.low ? [scale.low] : scale.log ? logValues(scale, most) : linearValues(scale, most);
  return values.flatMap((value) => {
    const at = positionOf(axis, value);
    return at === null ? [] : [{ at, text: axis.write(value) }];
  });
}

function rawOf(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Round values between two numbers, or the two numbers themselves; with `whole`, in steps of 1 or more. */
export function linearValues(
  { low, high, whole }: { low: number; high: number; whole: boolean },
  most: number,
): number[] {
  const { step } = roundEnds(low, high, Math.max(1, most - 1), whole);
  const values: number[] = [];
  for (let place = Math.ceil(low / step - 1e-9); place * step <= high + step * 1e-9; place += 1) {
    values.push(Number((place * step).toPrecision(12)));
  }
  return values.length >= 2 ? values : [low, high];
}

function logValues({ low, high }: { low: number; high: number }, most: number): number[] {
  const decades = Math.log10(high / low);
  const within = (times: readonly number[], every: number) => {
    const found: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += every) {
      for (const one of times) {
        const value = Number((one * 10 ** power).toPrecision(3));
        if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) found.push(value);
      }
    }
    return found;
  };
  for (const times of [[1, 2, 5], [1, 3], [1]]) {
    const values = within(times, 1);
    if (values.length <= most && values.length >= 2) return values;
  }
  const sparse = within([1], Math.max(1, Math.ceil(decades / Math.max(1, most - 1))));
  return sparse.length >= 2 ? sparse : [low, high];
}
