/** Which trials are drawn where all of them would be a grey area. */
import { count } from "../format";
import type { TrialRecord } from "../trialRecord";
import { isLowerBetter } from "../trialStory";
import type { Axis } from "./axis";

export interface Sample<T> {
  drawn: readonly T[];
  total: number;
}

/** A share of the drawn ones is the best ones; the others are taken at even distances, so the picture stays the same. */
const BEST = 0.25;

/** `score` of a trial: higher is better; null: it has none. The order of the trials is kept. */
export function sampleOf<T>(trials: readonly T[], most: number, score: (trial: T) => number | null): Sample<T> {
  if (trials.length <= most) return { drawn: trials, total: trials.length };
  const ranked = trials
    .map((trial, place) => ({ place, score: score(trial) ?? Number.NEGATIVE_INFINITY }))
    .sort((one, other) => other.score - one.score);
  const best = Math.floor(most * BEST);
  const places = new Set(ranked.slice(0, best).map(({ place }) => place));
  const others = ranked.slice(best).map(({ place }) => place);
  others.sort((one, other) => one - other);
  const step = others.length / (most - best);
  for (let taken = 0; taken < most - best; taken += 1) places.add(others[Math.floor(taken * step)] ?? 0);
  return { drawn: trials.filter((_, place) => places.has(place)), total: trials.length };
}

/** "400 of 10,001 trials are drawn: the best 100 and an even sample of the others."; null: all are. */
export function sampleText({ drawn, total }: Sample<unknown>): string | null {
  if (drawn.length >= total) return null;
  const best = count(Math.floor(drawn.length * BEST));
  return `${count(drawn.length)} of ${count(total)} trials are drawn: the best ${best} and an even sample of the others. The sentence is about all of them.`;
}

/** How good a trial's result is: higher is better; null: it has none. */
export type Score = (trial: TrialRecord) => number | null;

const LOWER = ["loss", "parameters", "duration_seconds"];

/** Whether a lower value of a result's axis is better. */
export function lowerIsBetter(result: Pick<Axis, "key">, objective: string): boolean {
  return result.key === "objective" ? isLowerBetter(objective) : LOWER.includes(result.key);
}

export function scoreOf(result: Axis, objective: string): Score {
  const sign = lowerIsBetter(result, objective) ? -1 : 1;
  return (trial) => {
    const value = result.of(trial);
    return typeof value === "number" && Number.isFinite(value) ? sign * value : null;
  };
}
