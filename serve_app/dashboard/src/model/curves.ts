/** The learning curves of all trials: what was stored when the page opened, and what the feed has told since. */

import { loss, percent } from "./format";

export type CurveMetric = "val_accuracy" | "val_loss";
export const METRICS: readonly CurveMetric[] = ["val_accuracy", "val_loss"];
export const METRIC_LABEL: Record<CurveMetric, string> = {
  val_accuracy: "Validation accuracy",
  val_loss: "Validation loss",
};

export function metricText(metric: CurveMetric, value: number): string {
  return metric === "val_accuracy" ? percent(value) : loss(value);
}

export type Point = readonly [epoch: number, value: number];

export interface StoredCurve {
  trial_number: number;
  epochs: readonly number[];
  values: readonly (number | null)[];
}

/** Also the value that the scheduler compares. */
export type StoredMetric = CurveMetric | "objective";
export type ToldEpoch = { epoch: number; objective?: number | null } & Record<CurveMetric, number | null>;

interface Merged {
  stored: StoredCurve | undefined;
  told: readonly ToldEpoch[] | undefined;
  points: readonly Point[];
}

export type MergedCurves = ReadonlyMap<number, Merged>;

/** The points of every trial, by epoch. Trials without news keep the points of `previous`. */
export function mergedCurves(
  stored: readonly StoredCurve[],
  told: ReadonlyMap<number, readonly ToldEpoch[]>,
  metric: StoredMetric,
  previous: MergedCurves = new Map(),
): MergedCurves {
  const found = new Map<number, Merged>();
  const merge = (number: number, curve: StoredCurve | undefined) => {
    const news = told.get(number);
    const before = previous.get(number);
    const kept = before && before.stored === curve && before.told === news;
    found.set(number, kept ? before : { stored: curve, told: news, points: merged(curve, news, metric) });
  };
  for (const curve of stored) merge(curve.trial_number, curve);
  for (const number of told.keys()) if (!found.has(number)) merge(number, undefined);
  return found;
}

function merged(curve: StoredCurve | undefined, told: readonly ToldEpoch[] | undefined, metric: StoredMetric): Point[] {
  const values = new Map<number, number>();
  curve?.epochs.forEach((epoch, place) => {
    const value = curve.values[place];
    if (isValue(value)) values.set(epoch, value);
  });
  for (const epoch of told ?? []) {
    const value = epoch[metric];
    if (isValue(value)) values.set(epoch.epoch, value);
  }
  return [...values].sort((one, other) => one[0] - other[0]);
}

function isValue(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** The point with the best value. Of equal ones it is the trial's best epoch: the one with the lower loss. */
export function bestPoint(
  points: readonly Point[],
  metric: CurveMetric,
  bestEpoch: number | null = null,
): Point | null {
  let found: Point | null = null;
  for (const point of points) {
    const equal = point[1] === found?.[1] && point[0] === bestEpoch;
    const better = found === null || (metric === "val_accuracy" ? point[1] > found[1] : point[1] < found[1]);
    if (better || equal) found = point;
  }
  return found;
}
