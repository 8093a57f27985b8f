/** Words and colours of trials that several panels use. */
import { trialColor } from "../../charts";
import type { Axis } from "../../model/analysis/axis";
import type { Score } from "../../model/analysis/sample";
import { inSentence } from "../../model/analysis/sentences";
import { missingSentence } from "../../model/curvePicture";
import { type Sentence, say } from "../../model/sentence";
import type { TrialRecord } from "../../model/trialRecord";

/** "Trial 17: dropout 0.2, validation accuracy 97.4 %". */
export function trialText(trial: TrialRecord, axes: readonly Axis[]): string {
  const values = axes.map((axis) => {
    const value = axis.of(trial);
    return value === null ? `no ${inSentence(axis.label)}` : `${inSentence(axis.label)} ${axis.write(value)}`;
  });
  return `Trial ${trial.number}: ${values.join(", ")}`;
}

export function bestOf<T extends TrialRecord>(trials: readonly T[], score: Score): T | null {
  let best: T | null = null;
  let most = Number.NEGATIVE_INFINITY;
  for (const trial of trials) {
    const value = score(trial);
    if (value !== null && value > most) [best, most] = [trial, value];
  }
  return best;
}

/** Which trials have no result, by why: "3 of 40 trials are not drawn: 2 diverged and 1 failed." */
export function withoutResult(
  id: string,
  trials: readonly TrialRecord[],
  has: (trial: TrialRecord) => boolean,
): Sentence | null {
  const missing = new Map<string, number[]>();
  for (const trial of trials) {
    if (has(trial)) continue;
    const status = trial.status === "running" ? "training" : trial.status;
    const numbers = missing.get(status);
    if (numbers) numbers.push(trial.number);
    else missing.set(status, [trial.number]);
  }
  const groups = [...missing].map(([status, numbers]) => ({ status, numbers }));
  groups.sort((one, other) => other.numbers.length - one.numbers.length);
  return missingSentence(id, { drawn: [], trials: trials.length, missing: groups, hidden: 0 });
}

export const note = (text: string | null): Sentence | null => (text === null ? null : say(text));

export { trialColor };
