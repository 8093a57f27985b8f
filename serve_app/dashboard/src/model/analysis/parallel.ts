/** Parallel coordinates: a line for each trial over the axes that matter most, with the result at the right. */
import type { TrialRecord } from "../trialRecord";
import { type Axis, positionOf } from "./axis";
import { type Sample, type Score, sampleOf } from "./sample";

/** More axes than this cannot be read. */
export const MOST_AXES = 12;
export const MOST_LINES = 400;
/** The share of the trials that is drawn boldly. */
const BEST = 0.1;

export interface ParallelLine {
  number: number;
  /** Its place on each axis, from 0 to 1; null: it has no value there, so it passes through the lane below. */
  at: readonly (number | null)[];
  /** It meets the selection. */
  selected: boolean;
  /** It is among the best tenth of the selected trials. */
  best: boolean;
}

export interface ParallelPicture {
  axes: readonly Axis[];
  /** Bold ones last, so that they lie above the others. */
  lines: readonly ParallelLine[];
  sample: Sample<TrialRecord>;
  /** Axes that are left out. */
  hidden: number;
  /** Whether some drawn trial has no value on an axis. */
  absent: readonly boolean[];
}

/** `parameters` in the order of their importance. Trials without a result are not drawn. */
export function parallelPicture(
  trials: readonly TrialRecord[],
  selected: (trial: TrialRecord) => boolean,
  parameters: readonly Axis[],
  result: Axis,
  score: Score,
): ParallelPicture {
  const axes = [...parameters.slice(0, MOST_AXES - 1), result];
  const valued = trials.filter((trial) => score(trial) !== null);
  const chosen = valued.filter(selected);
  const ranked = chosen.map((trial) => score(trial) ?? 0).sort((one, other) => other - one);
  const bound = ranked[Math.max(0, Math.ceil(ranked.length * BEST) - 1)] ?? Number.POSITIVE_INFINITY;
  // What is selected is drawn first: a narrow selection would be lost in an even sample of all.
  const inside = sampleOf(chosen, MOST_LINES, score);
  const rest = valued.filter((trial) => !selected(trial));
  const outside = sampleOf(rest, Math.max(0, MOST_LINES - inside.drawn.length), score);
  const picked = new Set(inside.drawn);
  const drawn = [...outside.drawn, ...inside.drawn];
  const lines = drawn.map((trial) => {
    const isSelected = picked.has(trial);
    return {
      number: trial.number,
      at: axes.map((axis) => positionOf(axis, axis.of(trial))),
      selected: isSelected,
      best: isSelected && (score(trial) ?? Number.NEGATIVE_INFINITY) >= bound,
    };
  });
  lines.sort((one, other) => rank(one) - rank(other));
  return {
    axes,
    lines,
    sample: { drawn, total: valued.length },
    hidden: Math.max(0, parameters.length - (MOST_AXES - 1)),
    absent: axes.map((axis) => valued.some((trial) => positionOf(axis, axis.of(trial)) === null)),
  };
}

const rank = (line: ParallelLine) => Number(line.selected) + 2 * Number(line.best);

/** What the best tenth have in common: axes on which they cover at most half of what all trials cover. */
export function commonOfBest(
  trials: readonly TrialRecord[],
  parameters: readonly Axis[],
  score: Score,
): { axis: Axis; values: string[] }[] {
  const valued = trials.filter((trial) => score(trial) !== null);
  if (valued.length < 10) return [];
  valued.sort((one, other) => (score(other) ?? 0) - (score(one) ?? 0));
  const best = valued.slice(0, Math.max(3, Math.ceil(valued.length * BEST)));
  return parameters.slice(0, 3).flatMap((axis) => {
    const places = best.map((trial) => positionOf(axis, axis.of(trial)));
    if (places.some((place) => place === null)) return [];
    const known = places as number[];
    const values = best.flatMap((trial) => axis.of(trial) ?? []);
    if (axis.scale.kind === "choice") {
      const found = [...new Set(values.map((value) => axis.write(value)))];
      return found.length * 2 <= axis.scale.values.length ? [{ axis, values: found }] : [];
    }
    const [low, high] = [Math.min(...known), Math.max(...known)];
    if (high - low > 0.5) return [];
    const numbers = values.filter((value) => typeof value === "number");
    const ends = [Math.min(...numbers), Math.max(...numbers)].map((value) => axis.write(value));
    return [{ axis, values: [...new Set(ends)] }];
  });
}
