/** Why a trial failed and what to do: the end of its traceback, a remedy, and how many others failed in the same way. */
import type { TrialRecord } from "./trialRecord";

const REMEDIES: Readonly<Record<string, string>> = {
  error: "Read the last line of the traceback. The log of this trial shows what happened before it.",
  out_of_memory: "Lower the batch size, or allow smaller networks only (max_parameters).",
  worker_lost:
    "Its process ended without a word, mostly because the machine was out of memory. Run fewer trials at once.",
  cannot_build: "Narrow the search space: some layers do not fit the size of the input.",
  too_large: "Raise max_parameters, or narrow the search space to smaller networks.",
  diverged: "Search lower learning rates.",
  timed_out: "Raise the time limit of a trial, or narrow the search space to smaller networks.",
  service_fault: "Look at the status of the cloud service, then resume the study.",
};

/** What to do about trials that ended by this cause; null: nothing in general. */
export function failureRemedy(cause: string): string | null {
  return REMEDIES[cause] ?? null;
}

export interface Failure {
  /** The last lines of the traceback, in order; empty: none was recorded. */
  lines: string[];
  remedy: string | null;
  /** Other trials with the same status and cause. */
  others: number;
}

const SHOWN_LINES = 8;

/** Null: the trial did not fail. */
export function failureOf(trial: TrialRecord, error: string | null, all: Iterable<TrialRecord>): Failure | null {
  if (!["failed", "diverged", "rejected"].includes(trial.status)) return null;
  let others = 0;
  for (const other of all) {
    if (other.number !== trial.number && other.status === trial.status && other.cause === trial.cause) others += 1;
  }
  return { lines: lastLines(error ?? "", SHOWN_LINES), remedy: failureRemedy(trial.cause ?? ""), others };
}

/** `4 others failed for the same reason`; null: it is the only one. */
export function othersSentence(failure: Failure, status: string): string | null {
  if (failure.others === 0) return null;
  const did: Readonly<Record<string, string>> = { failed: "failed", diverged: "diverged", rejected: "were rejected" };
  const one = failure.others === 1;
  const verb = one && status === "rejected" ? "was rejected" : (did[status] ?? "ended");
  return `${failure.others} ${one ? "other" : "others"} ${verb} for the same reason`;
}

export function lastLines(text: string, most: number): string[] {
  const lines = text.split("\n").map((line) => line.trimEnd());
  return lines.filter((line) => line !== "").slice(-most);
}
