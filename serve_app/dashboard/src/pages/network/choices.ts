/** Which trials the page offers. Pure. */
import { percent } from "../../model/format";

export interface TrialBrief {
  number: number;
  status: string;
  performance: { total_score: number } | null;
  outline: readonly unknown[] | null;
}

export interface Choice {
  value: string;
  label: string;
}

/** A select with thousands of entries is slow and helps nobody. */
const MOST = 100;

/** The trial that is shown if the address names none: the best one, or the first one with a network. */
export function defaultTrial(best: number | null, trials: readonly TrialBrief[]): number | null {
  if (best !== null) return best;
  const built = trials.filter(({ outline }) => outline !== null);
  return built.length === 0 ? null : Math.min(...built.map(({ number }) => number));
}

/**
 * The trials with the best total scores, then running ones. The shown one is always among them.
 *
 * @param mode Mode of the study: only in "health" the total score is more than the accuracy. Undefined: not known yet.
 */
export function trialChoices(
  trials: readonly TrialBrief[],
  best: number | null,
  shown: number | null,
  mode: string | undefined,
): Choice[] {
  const name = mode === undefined ? "" : mode === "health" ? " total score" : " accuracy";
  const built = trials.filter(({ number, outline }) => outline !== null || number === shown);
  const ordered = [...built].sort((a, b) => score(b) - score(a) || a.number - b.number);
  const offered = ordered.slice(0, MOST);
  const current = built.find(({ number }) => number === shown);
  if (current && !offered.includes(current)) offered.push(current);
  const choices = offered.map((trial) => ({ value: String(trial.number), label: label(trial, best, name) }));
  if (shown !== null && !current) choices.unshift({ value: String(shown), label: `Trial ${shown}` });
  return choices;
}

const score = ({ performance }: TrialBrief): number => performance?.total_score ?? Number.NEGATIVE_INFINITY;

function label(trial: TrialBrief, best: number | null, name: string): string {
  const state = trial.performance ? `${percent(trial.performance.total_score)}${name}` : trial.status;
  return `Trial ${trial.number}${trial.number === best ? " (best)" : ""}, ${state}`;
}
