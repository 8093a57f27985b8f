/** Why a search for accuracy and health may not choose its most accurate trial. Pure. */
import { percent } from "./format";
import { type Sentence, say, trialLink } from "./sentence";
import { hasEnded } from "./verdict";
import type { StudyForVerdict } from "./verdictInput";

interface ScoredTrial {
  number: number;
  status: string;
  performance: { accuracy: number } | null;
  overall_health: number | null;
}

/**
 * "Trial 2 was more accurate (99.3 % of the validation samples), but less healthy (88 % instead of 98 %)."
 * null: the total score does not decide, the best trial is also the most accurate, or health is not the reason.
 */
export function moreAccurate(
  study: StudyForVerdict & { mode: string },
  trials: ReadonlyMap<number, ScoredTrial>,
): Sentence | null {
  if (study.mode !== "health" || study.objectives[0] !== "total_score") return null;
  const best = trials.get(study.best_trial_number ?? -1);
  if (!best?.performance || best.overall_health === null) return null;
  let top = best;
  let accuracy = best.performance.accuracy;
  for (const trial of trials.values()) {
    if (trial.status === "running" || !trial.performance || trial.performance.accuracy <= accuracy) continue;
    top = trial;
    accuracy = trial.performance.accuracy;
  }
  const shown = percent(accuracy);
  if (shown === percent(best.performance.accuracy)) return null; // no difference that the page shows
  if (top.overall_health === null || top.overall_health >= best.overall_health) return null;
  const digits = percent(top.overall_health, 0) === percent(best.overall_health, 0) ? 1 : 0;
  const healths = `${percent(top.overall_health, digits)} instead of ${percent(best.overall_health, digits)}`;
  return say(
    { text: `Trial ${top.number}`, href: trialLink(study.id, top.number) },
    ` ${hasEnded(study.status) ? "was" : "is"} more accurate (${shown} of the validation samples), `,
    `but less healthy (${healths}).`,
  );
}
