/** The trials that are the best compromises of two results: no other is better in one of them and as good in the other. */
import type { TrialRecord } from "../trialRecord";
import { type Axis, positionOf } from "./axis";

export interface ParetoPoint {
  number: number;
  x: number;
  y: number;
  /** Places on the axes, from 0 to 1. */
  left: number;
  up: number;
  onFront: boolean;
}

/** Completed trials with both values; those on the front last, from left to right. */
export function paretoPoints(
  trials: readonly TrialRecord[],
  [x, y]: readonly [Axis, Axis],
  [lowerX, lowerY]: readonly [boolean, boolean],
): ParetoPoint[] {
  const points: ParetoPoint[] = [];
  for (const trial of trials) {
    if (trial.status !== "completed") continue;
    const [right, high] = [x.of(trial), y.of(trial)];
    const [left, up] = [positionOf(x, right), positionOf(y, high)];
    if (typeof right !== "number" || typeof high !== "number" || left === null || up === null) continue;
    points.push({ number: trial.number, x: right, y: high, left, up, onFront: false });
  }
  const [signX, signY] = [lowerX ? 1 : -1, lowerY ? 1 : -1];
  const ordered = [...points].sort((one, other) => signX * (one.x - other.x) || signY * (one.y - other.y));
  let best = Number.POSITIVE_INFINITY;
  let last: ParetoPoint | null = null;
  for (const point of ordered) {
    const cost = signY * point.y;
    // Trials with the same two values are all on the front, or none is.
    if (cost < best || (last !== null && point.x === last.x && point.y === last.y)) {
      point.onFront = true;
      last = point;
      best = cost;
    }
  }
  return points.sort((one, other) => Number(one.onFront) - Number(other.onFront) || one.x - other.x);
}

/** The axes at first: the study's first two objectives; with one objective also the size of the network. */
export function firstPair(objectives: readonly string[], keys: readonly string[]): [x: string, y: string] {
  const wanted = objectives.slice(1).flatMap((name) => KEYS[name] ?? []);
  const x = [...wanted, "parameters", "duration_seconds"].find((key) => keys.includes(key)) ?? "duration_seconds";
  return [x, "objective"];
}

/** The axis of an objective that is not the first one. */
const KEYS: Readonly<Record<string, string>> = {
  val_accuracy: "accuracy",
  val_loss: "loss",
  total_score: "total_score",
  overall_health: "overall_health",
  parameter_count: "parameters",
  training_time: "duration_seconds",
};
