/** The four tiles of the live page, with its times. */

import { count, duration, NA, percent } from "./format";
import { studyLink } from "./sentence";
import { hasEnded } from "./verdict";

export interface TileText {
  label: string;
  value: string;
  /** One line under the value: what it counts, or why it is not known. */
  note: string;
  href?: string;
}

export interface StudyForTiles {
  id: string;
  status: string;
  mode: string;
  objectives: readonly string[];
  best_trial_number: number | null;
  progress: {
    trials_performed: number;
    total_trials: number;
    running_trials: number;
    failed_trials: number;
    pruned_trials: number;
    rejected_trials: number;
    best_accuracy: number | null;
    best_total_score: number | null;
    average_duration_per_trial: number | null;
    elapsed_time: number;
    eta: number | null;
  };
}

export interface TrialsOfTiles {
  /** Whether a time budget decides how many trials there are. */
  timed?: boolean;
  /** Trials that were cancelled with their study and do not count as performed. */
  cancelled?: number;
}

/** `accuracyWeight`: of the accuracy in the total score, in [0, 1]; null: not known yet. */
export function tiles(
  study: StudyForTiles,
  accuracyWeight: number | null = null,
  { timed = false, cancelled = 0 }: TrialsOfTiles = {},
): TileText[] {
  const { progress, id } = study;
  const best = study.best_trial_number;
  const network = best === null ? undefined : studyLink(id, "network", { trial: best });
  const yet = hasEnded(study.status) ? "" : " yet";
  const none = best === null ? `no complete epoch${yet}` : "not measured";
  return [
    {
      label: "Trials performed",
      value: `${count(progress.trials_performed)}${timed ? "" : ` of ${count(progress.total_trials)}`}`,
      note: outcomes(progress, yet) + besides(cancelled),
      href: studyLink(id, "trials"),
    },
    {
      label: highest(study, "val_accuracy") ? "Best accuracy" : `Accuracy of trial ${best}`,
      value: percent(progress.best_accuracy),
      note: progress.best_accuracy === null ? none : `trial ${best}, on validation data`,
      href: network,
    },
    {
      label: highest(study, "total_score") ? "Best total score" : `Total score of trial ${best}`,
      value: percent(progress.best_total_score),
      note: progress.best_total_score === null ? none : scoreMeaning(study.mode, accuracyWeight),
      href: network,
    },
    {
      label: "Average duration",
      value: progress.average_duration_per_trial === null ? NA : duration(progress.average_duration_per_trial),
      note: progress.average_duration_per_trial === null ? `no trial has ended${yet}` : "per trial",
      href: studyLink(id, "trials", { sort: "-duration_seconds" }),
    },
  ];
}

/**
 * Whether the best trial also has the highest accuracy or total score: both are those of the best trial, which the first
 * objective decides. Another trial may have a higher one.
 */
function highest(study: StudyForTiles, score: "val_accuracy" | "total_score"): boolean {
  const first = study.objectives[0] ?? "val_accuracy";
  const equal = study.mode === "simple" && first === "val_accuracy"; // the total score is the accuracy
  return study.best_trial_number === null || first === score || equal;
}

/** What the total score is made of. */
export function scoreMeaning(mode: string, accuracyWeight: number | null): string {
  if (mode === "simple") return "the accuracy: health is not measured";
  if (accuracyWeight === null) return "accuracy and health together";
  const share = Math.round(accuracyWeight * 100);
  return `${share}\u00a0% accuracy, ${100 - share}\u00a0% health`;
}

function outcomes(progress: StudyForTiles["progress"], yet: string): string {
  const parts = [
    [progress.running_trials, "training"],
    [progress.pruned_trials, "stopped early"],
    [progress.failed_trials, "failed or diverged"],
    [progress.rejected_trials, "too large"],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, what]) => `${count(number)} ${what}`);
  const performed = progress.trials_performed;
  const complete = performed < progress.total_trials ? `${count(performed)} complete` : "all complete";
  return said.join(" · ") || (performed > 0 ? complete : `none${yet}`);
}

function besides(cancelled: number): string {
  if (cancelled === 0) return "";
  return `, and ${count(cancelled)} more that ${cancelled === 1 ? "was" : "were"} cancelled`;
}

/** Why a study took longer than its time budget; null: it did not, or several runs had a budget each. */
export function overBudgetText(study: StudyForTiles, budgetS: number | null): string | null {
  const elapsed = study.progress.elapsed_time;
  if (study.status !== "completed" || budgetS === null || elapsed < budgetS + 1 || elapsed >= 2 * budgetS) return null;
  const rest = duration(elapsed - budgetS);
  return `The search had ${duration(budgetS)}. Starting it, saving the best model and drawing the figures took ${rest}.`;
}

/** Elapsed time and the time that is left, each with its label. */
export function times(study: StudyForTiles): { label: string; value: string }[] {
  const { elapsed_time, eta } = study.progress;
  const elapsed = { label: "Elapsed", value: duration(elapsed_time) };
  if (study.status === "created")
    return [{ label: "Elapsed", value: elapsed_time > 0 ? duration(elapsed_time) : "not started" }];
  if (study.status !== "running") return [elapsed];
  const left = eta === null ? "known after the first trial" : eta < 1 ? "almost done" : `about ${duration(eta)}`;
  return [elapsed, { label: "Time left", value: left }];
}
