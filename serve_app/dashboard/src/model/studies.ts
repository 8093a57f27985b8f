/** What a card and a line of the list say about a study. Pure. */
import type { components } from "../api/generated/openapi";
import { duration, NA, percent } from "./format";
import { endedByTime, shareDone, trialsDone } from "./timeBudget";

type Job = components["schemas"]["Job"];

export type ShownStatus = Job["status"] | "cancelling";

/** The status, with a requested cancel that has not taken effect told apart. */
export function shownStatus(study: Pick<Job, "status" | "cancel_requested_at">): ShownStatus {
  return study.status === "running" && study.cancel_requested_at !== null ? "cancelling" : study.status;
}

export interface StudyWords {
  status: ShownStatus;
  best: string;
  test: string;
  /** "12 of 40 trials"; "6 trials" of a study with a time budget. */
  progress: string;
  /** Share of the trials, or of the time budget, that is done, in [0, 1]. */
  share: number;
  /** "About 3 min left", "About 1 min of 2 min left", "Took 5 min", "Waits to start". */
  time: string;
}

/** `budgetS`: the time budget in seconds; null: none, or not known. */
export function studyWords(job: Job, budgetS: number | null = null): StudyWords {
  const { trials_performed, total_trials, best_accuracy } = job.progress;
  const byTime = endedByTime(job);
  return {
    status: shownStatus(job),
    best: percent(best_accuracy),
    test: percent(job.test_accuracy),
    progress: trialsDone(trials_performed, total_trials, byTime || budgetS !== null),
    share: byTime ? 1 : (shareDone(job, budgetS) ?? 0),
    time: timeWords(job, budgetS),
  };
}

function timeWords(job: Job, budgetS: number | null): string {
  const { eta, elapsed_time } = job.progress;
  switch (job.status) {
    case "created":
      return "Waits to start";
    case "running":
      if (job.cancel_requested_at !== null) return "Its trials end now";
      if (eta === null) return `Runs for ${duration(elapsed_time)}`;
      return `About ${duration(eta)} ${budgetS === null ? "" : `of ${duration(budgetS)} `}left`;
    case "interrupted":
      return "Its process ended. Resume it to go on.";
    default:
      return elapsed_time > 0 ? `Took ${duration(elapsed_time)}` : "Did not train";
  }
}

/** The objective of each best trial so far, for a sparkline, and what the line shows in words. */
export function bestSoFar(
  bests: readonly { objective: number; performance: { accuracy: number } | null }[],
  ended = false,
): { values: (number | null)[]; title: string } {
  const name = ended ? "Best accuracy" : "Best accuracy so far";
  const values = bests.map((best) => best.performance?.accuracy ?? null);
  const known = values.filter((value) => value !== null);
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined) return { values: [], title: `${name}: ${NA}` };
  return { values, title: `${name}: from ${percent(first)} to ${percent(last)}` };
}

/** Names of modes as the pages say them. */
export function modeWords(mode: Job["mode"]): string {
  return { simple: "Accuracy", health: "Accuracy + model health", pareto: "Pareto front" }[mode];
}
