/**
 * Whether trials do better with higher or with lower values of a hyperparameter, or with which choice.
 *
 * The same tests as in `tuner explain`: for a number Spearman's rank correlation (its probability by Fisher's
 * transformation), for a choice Kruskal and Wallis's test. The level is divided by the number of hyperparameters
 * (Bonferroni): where none matters, 19 times out of 20 none has a direction.
 */
import type { Scalar } from "./trialRecord";

export interface DirectionTrial {
  status: string;
  objective: number | null;
  hyperparameters: Readonly<Record<string, Scalar>>;
}

export type Direction = { kind: "higher" } | { kind: "lower" } | { kind: "choice"; value: Scalar };

const LEVEL = 0.05;
const LEAST_TRIALS = 10;
/** With fewer trials that have a conditional hyperparameter, nothing is said about it. */
const LEAST_WITH_PARAMETER = 5;

/** Directions by the name of the hyperparameters that have one; `only`: of this one alone, which is faster. */
export function directions(
  trials: Iterable<DirectionTrial>,
  lowerIsBetter: boolean,
  only?: string,
): Map<string, Direction> {
  const used: DirectionTrial[] = [];
  for (const trial of trials) if (isUsable(trial)) used.push(trial);
  const found = new Map<string, Direction>();
  if (used.length < LEAST_TRIALS) return found;
  const columns = columnsOf(used);
  for (const [name, column] of columns) {
    if (column.length < LEAST_WITH_PARAMETER || (only !== undefined && name !== only)) continue;
    const scores = column.map(({ trial }) => scoreOf(trial, lowerIsBetter));
    const isNumber = column.every(({ value }) => typeof value === "number");
    const level = LEVEL / columns.size;
    const direction = isNumber ? ofNumber(placesOf(name, column), scores, level) : ofChoice(column, scores, level);
    if (direction !== null) found.set(name, direction);
  }
  return found;
}

interface Entry {
  trial: DirectionTrial;
  value: Scalar;
}

/** Trials of which the objective counts: those that the importance is judged by too. */
function isUsable({ status, objective }: DirectionTrial): boolean {
  return status === "diverged" || ((status === "completed" || status === "pruned") && objective !== null);
}

/** Higher is better; a diverged trial is the worst. */
function scoreOf({ status, objective }: DirectionTrial, lowerIsBetter: boolean): number {
  if (status === "diverged" || objective === null) return -Number.MAX_VALUE;
  return lowerIsBetter ? -objective : objective;
}

/** The values of the hyperparameters that varied, by name. */
function columnsOf(trials: readonly DirectionTrial[]): Map<string, Entry[]> {
  const columns = new Map<string, Entry[]>();
  for (const trial of trials) {
    for (const [name, value] of Object.entries(trial.hyperparameters)) {
      const column = columns.get(name);
      if (column) column.push({ trial, value });
      else columns.set(name, [{ trial, value }]);
    }
  }
  for (const [name, column] of columns) {
    if (column.every(({ value }) => value === column[0]?.value)) columns.delete(name);
  }
  return columns;
}

/** A number's place in (0, 1) among the values tried. Learning rates are compared within one optimizer only. */
function placesOf(name: string, column: readonly Entry[]): number[] {
  const groups = new Map<unknown, number[]>();
  column.forEach(({ trial }, at) => {
    const group = name === "learning_rate" ? trial.hyperparameters.optimizer : null;
    const members = groups.get(group);
    if (members) members.push(at);
    else groups.set(group, [at]);
  });
  const places = new Array<number>(column.length).fill(0);
  for (const members of groups.values()) {
    const ranks = ranksOf(members.map((at) => Number(column[at]?.value)));
    members.forEach((at, place) => {
      places[at] = ((ranks[place] ?? 1) - 0.5) / members.length;
    });
  }
  return places;
}

function ofNumber(places: readonly number[], scores: readonly number[], level: number): Direction | null {
  const correlation = Math.max(-1, Math.min(1, pearson(ranksOf(places), ranksOf(scores))));
  if (!Number.isFinite(correlation) || places.length < 4) return null;
  const deviation = Math.atanh(correlation) * Math.sqrt((places.length - 3) / 1.06);
  if (2 * upperTail(Math.abs(deviation)) > level) return null;
  return { kind: correlation > 0 ? "higher" : "lower" };
}

function ofChoice(column: readonly Entry[], scores: readonly number[], level: number): Direction | null {
  const ranks = ranksOf(scores);
  const groups = new Map<Scalar, number[]>();
  column.forEach(({ value }, at) => {
    const group = groups.get(value);
    if (group) group.push(ranks[at] ?? 0);
    else groups.set(value, [ranks[at] ?? 0]);
  });
  const n = ranks.length;
  const ties = [...counted(scores).values()].reduce((sum, times) => sum + times ** 3 - times, 0);
  const untied = 1 - ties / (n ** 3 - n);
  if (untied <= 0) return null;
  let between = 0;
  for (const group of groups.values()) between += total(group) ** 2 / group.length;
  const statistic = ((12 / (n * (n + 1))) * between - 3 * (n + 1)) / untied;
  if (chiSquareTail(statistic, groups.size - 1) > level) return null;
  let best: { value: Scalar; mean: number } | null = null;
  for (const [value, group] of groups) {
    const mean = total(group) / group.length;
    if (best === null || mean > best.mean) best = { value, mean };
  }
  return best && { kind: "choice", value: best.value };
}

/** Ranks from 1; equal values share the mean of their ranks. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((value, at) => ({ value, at })).sort((one, other) => one.value - other.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && order[to]?.value === order[from]?.value) to += 1;
    for (let place = from; place < to; place += 1) ranks[order[place]?.at ?? 0] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

function pearson(one: readonly number[], other: readonly number[]): number {
  const [mean, otherMean] = [total(one) / one.length, total(other) / other.length];
  let [both, first, second] = [0, 0, 0];
  one.forEach((value, at) => {
    const [a, b] = [value - mean, (other[at] ?? 0) - otherMean];
    both += a * b;
    first += a * a;
    second += b * b;
  });
  return both / Math.sqrt(first * second);
}

function counted(values: readonly number[]): Map<number, number> {
  const times = new Map<number, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  return times;
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Probability that a normal value is at least z, to 1e-7 (Abramowitz and Stegun, 26.2.17). */
function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const sum = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}

/** Probability of at least this value (Wilson and Hilferty, The Distribution of Chi-Square, 1931). */
function chiSquareTail(value: number, freedom: number): number {
  const spread = 2 / (9 * freedom);
  return upperTail((Math.cbrt(Math.max(0, value) / freedom) - (1 - spread)) / Math.sqrt(spread));
}
