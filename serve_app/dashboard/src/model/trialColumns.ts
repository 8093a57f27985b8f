/** The columns of the table of trials, which are also what trials can be sorted by and what a CSV file holds. */
import { count, duration, loss, NA, percent, time, value, wholePercent } from "./format";
import { lastingFindings } from "./trialFindings";
import { healthOf, type Scalar, scoresOf, type TrialRecord } from "./trialRecord";
import { architectureWords, causeWords, HEALTH_METRICS, reasonWords, statusWords, words } from "./trialWords";

export interface TrialColumn {
  /** Its name in the address and in CSV files, as in the API. */
  key: string;
  label: string;
  /** Numbers stand at the right and sort from the largest at first. */
  numeric: boolean;
  /** The raw value, for sorting and CSV; null: there is none. */
  of: (trial: TrialRecord) => Scalar | null;
  /** The value as the page writes it. */
  text: (trial: TrialRecord) => string;
}

type Raw = (trial: TrialRecord) => Scalar | null;

function numbers(
  key: string,
  label: string,
  of: (trial: TrialRecord) => number | null,
  write: (n: number) => string,
): TrialColumn {
  return { key, label, numeric: true, of, text: (trial) => shown(of(trial), write) };
}

function texts(key: string, label: string, of: Raw, write: (name: string) => string = (name) => name): TrialColumn {
  return { key, label, numeric: false, of, text: (trial) => shown(of(trial), (name) => write(String(name))) };
}

function shown<T>(raw: T | null, write: (raw: T) => string): string {
  return raw === null ? NA : write(raw);
}

const NUMBER = numbers("trial_number", "Trial", (trial) => trial.number, String);

const SCORES: readonly TrialColumn[] = [
  numbers(
    "accuracy",
    "Accuracy",
    (trial) => scoresOf(trial)?.accuracy ?? null,
    (share) => percent(share),
  ),
  numbers("loss", "Loss", (trial) => scoresOf(trial)?.loss ?? null, loss),
  numbers(
    "total_score",
    "Total score",
    (trial) => scoresOf(trial)?.total_score ?? null,
    (share) => percent(share),
  ),
];

const HEALTH: readonly TrialColumn[] = [
  numbers("overall_health", "Overall health", (trial) => healthOf(trial)?.overall_health ?? null, wholePercent),
  ...HEALTH_METRICS.map(([key, label]) => numbers(key, label, (trial) => healthOf(trial)?.[key] ?? null, wholePercent)),
];

const NETWORK: readonly TrialColumn[] = [
  texts("architecture", "Architecture", (trial) => trial.architecture?.type ?? null, architectureWords),
  numbers("parameters", "Parameters", (trial) => trial.architecture?.total_parameters ?? null, count),
];

const COURSE: readonly TrialColumn[] = [
  numbers(
    "objective",
    "Objective",
    (trial) => trial.objective,
    (number) => String(Number(number.toPrecision(6))),
  ),
  numbers("best_epoch", "Best epoch", (trial) => trial.best_epoch, count),
  numbers("epochs_trained", "Epochs", (trial) => trial.epochs_trained, count),
  numbers("duration_seconds", "Duration", (trial) => trial.duration_seconds, duration),
  texts("started_at", "Started", (trial) => trial.started_at, time),
  texts("completed_at", "Ended", (trial) => trial.completed_at, time),
  texts("cause", "Why it ended", (trial) => trial.cause, causeWords),
  texts("reason", "Reason", (trial) => trial.reason, reasonWords),
  texts("suggested_by", "Suggested by", (trial) => trial.suggested_by, words),
  texts(
    "place",
    "Place",
    (trial) => trial.place,
    (place) => (place === "runpod" ? "RunPod" : "This cluster"),
  ),
  texts("node", "Machine", (trial) => trial.node),
  numbers("queued_s", "Waited", (trial) => trial.queued_s, duration),
  numbers("findings", "Findings", (trial) => lastingFindings(trial).length, count),
  texts("trial_id", "ID", (trial) => trial.id),
];

const PREFIX = "hp.";

/** All columns of a study: `health` says whether it measures health; one column for each of these hyperparameters. */
export function trialColumns(health: boolean, hyperparameters: readonly string[]): TrialColumn[] {
  const status = texts("status", "Status", (trial) => trial.status, statusWords);
  const own = hyperparameters.map(hyperparameter);
  return [NUMBER, status, ...SCORES, ...(health ? HEALTH : []), ...NETWORK, ...COURSE, ...own];
}

export const FIRST_COLUMNS: readonly string[] = [
  "trial_number",
  "status",
  "accuracy",
  "loss",
  "total_score",
  "overall_health",
  "architecture",
  "parameters",
  "duration_seconds",
  "cause",
];

/** The columns with these keys, in the order of all columns; without any known key the first choice. */
export function chosenColumns(all: readonly TrialColumn[], keys: readonly string[]): TrialColumn[] {
  const chosen = all.filter((column) => keys.includes(column.key));
  return chosen.length > 0 ? chosen : all.filter((column) => FIRST_COLUMNS.includes(column.key));
}

/** The names of all hyperparameters that these trials have, in the order in which they first appear. */
export function hyperparameterNames(trials: Iterable<TrialRecord>): string[] {
  const names = new Set<string>();
  for (const trial of trials) {
    for (const name in trial.hyperparameters) names.add(name);
  }
  return [...names];
}

function hyperparameter(name: string): TrialColumn {
  const of: Raw = (trial) => trial.hyperparameters[name] ?? null;
  return { key: PREFIX + name, label: words(name), numeric: true, of, text: (trial) => shown(of(trial), value) };
}
