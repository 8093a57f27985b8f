/** Which curves are drawn and how, what is left out, and the same in words. */

import type { CurveMetric, MergedCurves, Point } from "./curves";
import { bestPoint, metricText } from "./curves";
import { count } from "./format";
import { listed, type Piece, plural, type Sentence, say, studyLink, trialLink } from "./sentence";

export interface CurveTrial {
  number: number;
  status: string;
  stopped_by?: { rung: number | null } | null;
  best_epoch?: number | null;
}

export interface DrawnCurve {
  number: number;
  status: string;
  points: readonly Point[];
  best: boolean;
  /** Fades: the trial was stopped early, or ended without a result. */
  faded: boolean;
  /** The rung at which it was stopped early; null: it was not, or the rung is not known. */
  rung: number | null;
  bestEpoch: number | null;
}

export interface CurvePicture {
  drawn: DrawnCurve[];
  trials: number;
  /** Trials without a point, by status, the most frequent first. */
  missing: { status: string; numbers: number[] }[];
  /** Trials with points that are left out to keep the picture readable. */
  hidden: number;
}

/** The trials of a study that runs no more: those that were training are interrupted. */
export function* whereStudyEnded(trials: Iterable<CurveTrial>): Generator<CurveTrial> {
  for (const trial of trials) yield trial.status === "running" ? { ...trial, status: "interrupted" } : trial;
}

/** More curves than this are a grey area: the running ones and the best of the others are drawn. */
export const MOST_CURVES = 300;

/** What is drawn: running trials and the best ones last, so that they lie above the others. */
export function curvePicture(
  trials: Iterable<CurveTrial>,
  curves: MergedCurves,
  metric: CurveMetric,
  best: number | null,
  most = MOST_CURVES,
): CurvePicture {
  const drawn: DrawnCurve[] = [];
  const missing = new Map<string, number[]>();
  let total = 0;
  for (const trial of trials) {
    total += 1;
    const points = curves.get(trial.number)?.points ?? [];
    if (points.length === 0) {
      const numbers = missing.get(trial.status) ?? [];
      numbers.push(trial.number);
      missing.set(trial.status, numbers);
      continue;
    }
    const faded = !["running", "completed"].includes(trial.status);
    const rung = trial.status === "pruned" ? (trial.stopped_by?.rung ?? null) : null;
    const bestEpoch = trial.best_epoch ?? null;
    drawn.push({
      number: trial.number,
      status: trial.status,
      points,
      best: trial.number === best,
      faded,
      rung,
      bestEpoch,
    });
  }
  const ranked = drawn.map((curve) => ({ curve, rank: rankOf(curve, metric) }));
  ranked.sort((one, other) => other.rank - one.rank || one.curve.number - other.curve.number);
  const shown = ranked.slice(0, most).map(({ curve }) => curve);
  return {
    drawn: shown.reverse(),
    trials: total,
    missing: [...missing].map(([status, numbers]) => ({ status, numbers })),
    hidden: drawn.length - shown.length,
  };
}

function rankOf(curve: DrawnCurve, metric: CurveMetric): number {
  if (curve.best) return Number.POSITIVE_INFINITY;
  if (curve.status === "running") return Number.MAX_VALUE;
  const value = bestPoint(curve.points, metric)?.[1] ?? 0;
  return metric === "val_accuracy" ? value : -value;
}

/** What the picture shows, in words: its twin for people who do not see it. */
export function curveSentence(id: string, picture: CurvePicture, metric: CurveMetric): Sentence {
  const tops = picture.drawn.flatMap((curve) => {
    const point = bestPoint(curve.points, metric, curve.bestEpoch);
    return point ? [{ curve, point }] : [];
  });
  tops.sort((one, other) =>
    metric === "val_accuracy" ? other.point[1] - one.point[1] : one.point[1] - other.point[1],
  );
  const top = tops[0];
  if (top === undefined) return say("No trial has finished an epoch.");
  const running = picture.drawn.filter((curve) => curve.status === "running").length;
  const cancelled = picture.drawn.filter((curve) => curve.status === "cancelled").length;
  const cut = cancelled ? `, ${plural(cancelled, "of a cancelled trial", "of cancelled trials")}` : "";
  const value = metricText(metric, top.point[1]);
  // Values that read the same are a tie for the reader: the best trial is named first.
  const tied = tops.filter(({ point }) => metricText(metric, point[1]) === value);
  tied.sort((one, other) => Number(other.curve.best) - Number(one.curve.best));
  const first = tied[0] ?? top;
  return say(
    `${plural(picture.drawn.length, "curve")}${running ? `, ${count(running)} still growing` : ""}${cut}. `,
    `${metric === "val_accuracy" ? "Highest" : "Lowest"}: ${value}, `,
    { text: `trial ${first.curve.number}`, href: trialLink(id, first.curve.number) },
    ` at epoch ${first.point[0]}${tied.length > 1 ? `; ${plural(tied.length - 1, "other trial")} reached it too` : ""}.`,
  );
}

const WHY: Record<string, string> = {
  running: "without an epoch yet",
  training: "still training",
  interrupted: "interrupted",
  diverged: "diverged",
  failed: "failed",
  rejected: "too large",
  cancelled: "cancelled",
  pruned: "stopped early",
  completed: "without values",
};

/** "3 of 40 trials are not drawn: 2 diverged and 1 failed." with links; null: all are drawn. */
export function missingSentence(id: string, picture: CurvePicture): Sentence | null {
  // In an order that does not depend on which trials were read first.
  const groups = picture.missing.toSorted(
    (one, other) => other.numbers.length - one.numbers.length || one.status.localeCompare(other.status),
  );
  const missing = groups.reduce((sum, group) => sum + group.numbers.length, 0);
  const all = plural(picture.trials, "trial");
  const pieces: (string | Piece)[] = [];
  if (missing > 0) {
    pieces.push(`${count(missing)} of ${all} ${missing === 1 ? "is" : "are"} not drawn: `);
    groups.forEach((group, place) => {
      if (place > 0) pieces.push(place === groups.length - 1 ? " and " : ", ");
      const only = group.numbers.length === 1 ? group.numbers[0] : undefined;
      const href =
        only === undefined
          ? studyLink(id, "trials", {
              status: ["interrupted", "training"].includes(group.status) ? "running" : group.status,
            })
          : trialLink(id, only);
      pieces.push({ text: `${count(group.numbers.length)} ${WHY[group.status] ?? group.status}`, href });
    });
    pieces.push(".");
  }
  if (picture.hidden > 0) {
    const shown = `${missing > 0 ? " " : ""}${plural(picture.hidden, "more trial")} ${picture.hidden === 1 ? "is" : "are"} left out: `;
    pieces.push(shown, `${listed(["those that train", `the best`])} are shown. `);
    pieces.push({ text: "All trials", href: studyLink(id, "trials") }, ".");
  }
  return pieces.length ? say(...pieces) : null;
}

/** Range of the vertical axis. Losses far above the others do not squeeze them: `cut` says how many leave the picture. */
export function valueRange(
  curves: readonly { points: readonly Point[] }[],
  metric: CurveMetric,
): { low: number; high: number; cut: number } {
  const values: number[] = [];
  for (const curve of curves) for (const point of curve.points) values.push(point[1]);
  if (values.length === 0) return { low: 0, high: 1, cut: 0 };
  values.sort((one, other) => one - other);
  const low = values[0] ?? 0;
  const high = values[values.length - 1] ?? 1;
  if (metric === "val_accuracy") {
    const space = Math.max((high - low) * 0.05, 0.005);
    return { low: Math.max(0, low - space), high: Math.min(1, high + space), cut: 0 };
  }
  const usual = values[Math.floor((values.length - 1) * 0.9)] ?? high;
  const bound = Math.max(usual * 1.5, low + 1e-3);
  if (high <= usual * 4) return { low: 0, high: Math.max(high * 1.05, low + 1e-3), cut: 0 };
  const cut = curves.filter((curve) => curve.points.some((point) => point[1] > bound)).length;
  return { low: 0, high: bound, cut };
}
