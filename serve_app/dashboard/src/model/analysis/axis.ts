/** The axes of figures: what a trial is drawn by, and where its value stands between the ends of the axis. */
import { count, duration, loss, percent, value as written } from "../format";
import { objectiveName, objectiveText } from "../objectiveWords";
import { roundEnds } from "../roundStep";
import { capital } from "../sentence";
import type { SpaceParameter } from "../trialParameters";
import type { Scalar, TrialRecord } from "../trialRecord";
import { words } from "../trialWords";
import { PREFIX, trialValue } from "./selection";

export type Scale =
  | { kind: "number"; low: number; high: number; log: boolean; whole: boolean }
  | { kind: "choice"; values: readonly string[] };

export interface Axis {
  /** As the key of a condition. */
  key: string;
  label: string;
  scale: Scale;
  of: (trial: TrialRecord) => Scalar | null;
  write: (value: Scalar) => string;
}

/** Where a value stands, from 0 to 1; null: the trial has none. */
export function positionOf({ scale }: Pick<Axis, "scale">, value: Scalar | null): number | null {
  if (value === null) return null;
  if (scale.kind === "choice") {
    const at = scale.values.indexOf(String(value));
    return at < 0 ? null : (at + 0.5) / scale.values.length;
  }
  if (typeof value !== "number" || !Number.isFinite(value)) return null;
  const { low, high, log } = scale;
  if (high <= low) return 0.5;
  const share = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return Number.isNaN(share) ? null : Math.min(1, Math.max(0, share));
}

/** The number at a place of an axis of numbers. */
export function numberAt(scale: Scale & { kind: "number" }, share: number): number {
  const { low, high, log } = scale;
  return log ? low * (high / low) ** share : low + share * (high - low);
}

/** One axis for each hyperparameter that has more than one value, the most important first. */
export function parameterAxes(
  trials: readonly TrialRecord[],
  space: readonly SpaceParameter[],
  importance: Readonly<Record<string, number>> | null,
): Axis[] {
  const names = new Set(space.map(({ name }) => name));
  for (const trial of trials) for (const name in trial.hyperparameters) names.add(name);
  const axes: { axis: Axis; share: number }[] = [];
  for (const name of names) {
    const of = (trial: TrialRecord) => trial.hyperparameters[name] ?? null;
    const seen = seenOf(trials, of);
    if (seen.values.size === 0 || (seen.values.size === 1 && !seen.absent)) continue;
    const scale = scaleOf(
      space.filter((parameter) => parameter.name === name),
      seen,
    );
    axes.push({
      axis: { key: PREFIX + name, label: words(name), scale, of, write: written },
      share: importance?.[name] ?? -1,
    });
  }
  return axes.sort((one, other) => other.share - one.share).map(({ axis }) => axis);
}

interface Seen {
  /** Different values; of numbers at most MOST_VALUES. */
  values: ReadonlySet<Scalar>;
  low: number;
  high: number;
  numbers: boolean;
  whole: boolean;
  /** Some trial has none. */
  absent: boolean;
}

/** More different numbers are a range, not choices. */
const MOST_VALUES = 64;

function seenOf(trials: readonly TrialRecord[], of: Axis["of"]): Seen {
  const values = new Set<Scalar>();
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [numbers, whole, absent] = [true, true, false];
  for (const trial of trials) {
    const value = of(trial);
    if (value === null) absent = true;
    else if (typeof value === "number") {
      if (value < low) low = value;
      if (value > high) high = value;
      whole &&= Number.isInteger(value);
      if (values.size < MOST_VALUES) values.add(value);
    } else {
      numbers = false;
      values.add(value);
    }
  }
  return { values, low, high, numbers, whole, absent };
}

/** A hyperparameter's scale from the search space, widened where a trial has a value beyond it. */
function scaleOf(ranges: readonly SpaceParameter[], seen: Seen): Scale {
  const chosen = ranges.some(({ choices, kind }) => kind === "bool" || (choices !== null && choices.length > 0));
  if (!seen.numbers || chosen) {
    const given = ranges.flatMap(({ choices, kind, low, high }) => {
      if (kind === "bool") return [false, true];
      return choices !== null && choices.length > 0 ? choices : [low, high].filter((end) => end !== null);
    });
    return { kind: "choice", values: ordered([...given, ...seen.values]) };
  }
  const ends = ranges.flatMap(({ low, high }) => [low, high].filter((end) => end !== null));
  const [low, high] = [Math.min(seen.low, ...ends), Math.max(seen.high, ...ends)];
  const log = ranges.length > 0 ? ranges.some((range) => range.log) : low > 0 && high / low >= 100;
  return { kind: "number", low, high, log: log && low > 0, whole: seen.whole };
}

const least = (numbers: readonly number[]) => numbers.reduce((found, one) => Math.min(found, one), Number.MAX_VALUE);

function ordered(values: readonly Scalar[]): string[] {
  const found = new Map(values.map((value) => [String(value), value]));
  const numbers = [...found.values()].every((value) => typeof value === "number");
  return numbers ? [...found.keys()].sort((one, other) => Number(one) - Number(other)) : [...found.keys()];
}

/** Axes of results: the objective first, then what the page knows of each trial. Axes without a value are left out. */
export function metricAxes(trials: readonly TrialRecord[], objective: string, health: boolean): Axis[] {
  const share = (value: Scalar) => percent(Number(value));
  const known: [key: string, label: string, write: (value: Scalar) => string][] = [
    ["objective", capital(objectiveName(objective)), (value) => objectiveText(objective, Number(value))],
  ];
  if (objective !== "val_accuracy") known.push(["accuracy", "Accuracy", share]);
  if (objective !== "val_loss") known.push(["loss", "Loss", (value) => loss(Number(value))]);
  if (health && objective !== "total_score") known.push(["total_score", "Total score", share]);
  if (health && objective !== "overall_health") known.push(["overall_health", "Overall health", share]);
  if (objective !== "parameter_count") known.push(["parameters", "Parameters", (value) => count(Number(value))]);
  known.push(["duration_seconds", "Duration", (value) => duration(Number(value))]);
  return known.flatMap(([key, label, write]) => {
    const of = (trial: TrialRecord) => trialValue(trial, key);
    const numbers = trials.map(of).filter((value) => typeof value === "number" && Number.isFinite(value)) as number[];
    if (numbers.length === 0) return [];
    const low = least(numbers);
    const high = -least(numbers.map((one) => -one));
    const wide = ["parameters", "duration_seconds"].includes(key) && low > 0 && high / low >= 20;
    const whole = key === "parameters";
    const scale = wide ? { kind: "number" as const, low, high, log: true, whole } : valueScale(low, high, whole);
    return [{ key, label, of, write, scale }];
  });
}

/** Steps between the values that are written beside an axis of results. */
const VALUE_STEPS = 5;

/** A linear scale with round ends: no value lies beyond the last one that is written beside the axis. */
export function valueScale(low: number, high: number, whole = false): Scale & { kind: "number" } {
  const ends = high > low ? roundEnds(low, high, VALUE_STEPS, whole) : { low, high };
  return { kind: "number", low: ends.low, high: ends.high, log: false, whole };
}
