/** The learning curves of the compared trials, and what they show in a sentence. */
import { bestPoint, type CurveMetric, metricText, type Point } from "../curves";
import { listed } from "../sentence";
import type { EpochValues } from "../trialCurves";
import type { TrialRecord } from "../trialRecord";

export interface ComparedCurve {
  number: number;
  points: Point[];
  bestEpoch: number | null;
}

export function comparedCurves(
  trials: readonly { number: number; trial: Pick<TrialRecord, "best_epoch">; epochs: readonly EpochValues[] }[],
  metric: CurveMetric,
): ComparedCurve[] {
  return trials.map(({ number, trial, epochs }) => ({
    number,
    bestEpoch: trial.best_epoch,
    points: epochs.flatMap((epoch): Point[] => {
      const value = epoch[metric];
      return value !== null && Number.isFinite(value) ? [[epoch.epoch, value]] : [];
    }),
  }));
}

/** "Trial 17 reached its best, 97.4 %, at epoch 9; trial 3 95.3 % at epoch 4. Trial 5 has no epoch." */
export function curvesSentence(curves: readonly ComparedCurve[], metric: CurveMetric): string {
  const drawn = curves.flatMap(({ number, points, bestEpoch }) => {
    const best = bestPoint(points, metric, bestEpoch);
    return best ? [{ number, best, last: points[points.length - 1]?.[0] ?? best[0] }] : [];
  });
  const empty = curves.filter(({ points }) => points.length === 0).map(({ number }) => number);
  if (drawn.length === 0) return "None of these trials has finished an epoch.";
  const sign = metric === "val_accuracy" ? -1 : 1;
  drawn.sort((one, other) => sign * (one.best[1] - other.best[1]) || one.number - other.number);
  const what = metric === "val_accuracy" ? "Highest validation accuracy" : "Lowest validation loss";
  const parts = drawn.map(
    ({ number, best, last }) => `trial ${number} ${metricText(metric, best[1])} at epoch ${best[0]} of ${last}`,
  );
  const has = empty.length === 1 ? "has" : "have";
  const rest = empty.length > 0 ? ` ${listed(empty.map((number) => `Trial ${number}`))} ${has} no epoch.` : "";
  return `${what}: ${listed(parts)}.${rest}`;
}

/** Whether each trial's curve is dashed, since another one before it has the same colour. */
export function dashes(colors: readonly string[]): boolean[] {
  return colors.map((color, place) => colors.indexOf(color) < place);
}
