/** The story of a trial in sentences: why it was chosen, how it went, why it ended, and what others can do better. */
import { count, duration, loss, percent } from "./format";
import { capital } from "./sentence";
import type { StoppedBy, TrialRecord } from "./trialRecord";
import { causeWords, reasonWords, schedulerWords } from "./trialWords";

const CHOSEN: Readonly<Record<string, string>> = {
  warm_start: "These hyperparameters did well in an earlier study, so the search tried them again.",
  portfolio: "These hyperparameters did well on other data sets. The search tries such ones first.",
  space_filling:
    "It is one of the first points. They are spread evenly over the search space, before there are results to learn from.",
  gaussian_process:
    "A Gaussian process, fitted to the earlier trials, expected the largest improvement from these hyperparameters.",
  gp: "Optuna's Gaussian process, fitted to the earlier trials, expected a large improvement from these hyperparameters.",
  tpe: "TPE (tree-structured Parzen estimator) found these hyperparameters more like those of good trials than of bad ones.",
  random: "These hyperparameters were drawn at random from the search space.",
  enumeration: "The search space is small. This was a configuration that no trial had tried yet.",
  cmaes: "CMA-ES (an evolution strategy) drew these hyperparameters from around the best trials so far.",
  grid: "It is the next point of the grid.",
  nsga2: "NSGA-II (a genetic algorithm) combined the hyperparameters of good trials.",
  pbt: "Population based training changed the hyperparameters of a trial that did well.",
};

export function whyChosen(trial: TrialRecord): string {
  if (trial.suggested_by === null) return "The method that suggested its hyperparameters was not recorded.";
  return CHOSEN[trial.suggested_by] ?? `It was suggested by ${trial.suggested_by.replaceAll("_", " ")}.`;
}

export interface Curve {
  epoch: number;
  train_accuracy: number;
  val_accuracy: number;
}

/**
 * How its training went. `rank` is its place among the trials with a value, by the first objective; `majority` is the
 * validation accuracy of always answering the most frequent class, where it is known.
 */
export function howItWent(
  trial: TrialRecord,
  curve: readonly Curve[],
  rank: { place: number; of: number } | null,
  majority: number | null,
): string[] {
  const done = epochsDone(trial, curve);
  if (done === 0) {
    const waits = trial.status === "running" ? "It has not finished an epoch yet." : "It did not finish an epoch.";
    return [waits];
  }
  const sentences = [lengthSentence(trial, done)];
  const scores = trial.performance;
  if (scores !== null) {
    const best = trial.best_epoch === null ? "Its best result" : `Its best epoch was epoch ${count(trial.best_epoch)}`;
    sentences.push(`${best}: validation accuracy ${percent(scores.accuracy)}, loss ${loss(scores.loss)}.`);
    if (majority !== null && scores.accuracy < majority + luck(majority)) sentences.push(guessSentence(majority));
  }
  const gap = gapSentence(curve, trial.best_epoch);
  if (gap !== null) sentences.push(gap);
  if (rank !== null && trial.status !== "running") {
    sentences.push(
      rank.place === 1 ? "It is the best trial." : `It is number ${count(rank.place)} of ${count(rank.of)} trials.`,
    );
  }
  return sentences;
}

/** Difference in accuracy that a network at chance may reach by luck: at most half of chance. */
function luck(majority: number): number {
  return Math.min(0.03, majority / 2);
}

function guessSentence(majority: number): string {
  return `That is hardly better than always answering the most frequent class, ${percent(majority)}: it had learned almost nothing.`;
}

function epochsDone(trial: TrialRecord, curve: readonly Curve[]): number {
  return Math.max(trial.epochs_trained, curve[curve.length - 1]?.epoch ?? 0);
}

function lengthSentence(trial: TrialRecord, done: number): string {
  const most = trial.epochs === null || trial.epochs <= done ? "" : ` of at most ${count(trial.epochs)}`;
  const epochs = `${count(done)}${most} ${done === 1 && most === "" ? "epoch" : "epochs"}`;
  if (trial.status === "running") return `It has trained ${epochs} so far.`;
  const time = trial.duration_seconds === null ? "" : ` in ${duration(trial.duration_seconds)}`;
  return `It trained ${epochs}${time}.`;
}

const WIDE_GAP = 0.05;
/** Smaller gaps are written as 0.0 percentage points. */
const EQUAL = 0.0005;

function gapSentence(curve: readonly Curve[], bestEpoch: number | null): string | null {
  const point = curve.find(({ epoch }) => epoch === bestEpoch) ?? curve[curve.length - 1];
  if (point === undefined) return null;
  const gap = point.train_accuracy - point.val_accuracy;
  const size = `${(Math.abs(gap) * 100).toFixed(1)} percentage points`;
  if (gap > WIDE_GAP) return `Training accuracy was ${size} above validation accuracy, a sign of overfitting.`;
  if (gap < -WIDE_GAP)
    return `Validation accuracy was ${size} above training accuracy, as is usual with dropout or augmentation and in the first epochs.`;
  if (Math.abs(gap) < EQUAL) return "Training and validation accuracy were equal.";
  const [above, below] = gap > 0 ? ["Training", "validation"] : ["Validation", "training"];
  return `${above} accuracy was ${size} above ${below} accuracy.`;
}

/** Why it ended, in one or two sentences; null while it runs. `objective` is the one that the scheduler compares. */
export function whyEnded(trial: TrialRecord, stop: StoppedBy | null, objective: string): string | null {
  if (trial.status === "running") return null;
  if (stop !== null && trial.status === "pruned") return stopSentence(stop, objective, trial.epochs_trained);
  const known = trial.reason ?? (trial.cause === null ? "the reason was not recorded" : causeWords(trial.cause));
  const reason = reasonWords(known);
  return `${reason}${/[.!?]$/.test(reason) ? "" : "."}`;
}

function stopSentence(stop: StoppedBy, objective: string, epoch: number): string {
  const value = metric(stop.value, objective);
  const cutoff = metric(stop.cutoff, objective);
  const side = isLowerBetter(objective) ? "above" : "below";
  const rung = stop.rung === null ? "" : ` (rung ${count(stop.rung)})`;
  const place = `It was number ${count(stop.rank)} of ${count(stop.of)} trials there.`;
  const what = stop.scheduler === "median" ? `its best ${objective}` : `its ${objective}`;
  return `${capital(schedulerWords(stop.scheduler))} stopped it after epoch ${count(epoch)}${rung}: ${what} ${value} was ${side} the threshold ${cutoff}. ${place}`;
}

/** Objectives of which a smaller value is better. */
export function isLowerBetter(objective: string): boolean {
  return ["val_loss", "parameter_count", "training_time", "inference_time"].includes(objective);
}

/** A value of an objective as the page writes it. */
export function metric(number: number, objective: string): string {
  if (objective === "val_loss") return loss(number);
  return isLowerBetter(objective) ? count(Math.round(number)) : percent(number);
}

/** A trial's place by the first objective among those with a value; null: it has none. */
export function rankOf(
  trials: Iterable<TrialRecord>,
  number: number,
  objective: string,
): { place: number; of: number } | null {
  const values: number[] = [];
  let own: number | null = null;
  for (const trial of trials) {
    if (trial.objective === null || trial.status === "running") continue;
    values.push(trial.objective);
    if (trial.number === number) own = trial.objective;
  }
  if (own === null) return null;
  const mine = own;
  const better = values.filter((value) => (isLowerBetter(objective) ? value < mine : value > mine)).length;
  return { place: better + 1, of: values.length };
}

const MONITORED = [
  "val_accuracy",
  "val_loss",
  "val_balanced_accuracy",
  "val_macro_f1",
  "total_score",
  "overall_health",
];

/** The objective that is compared after each epoch: the first one, or val_accuracy if that has no value per epoch. */
export function monitored(objectives: readonly string[]): string {
  const first = objectives[0] ?? "val_accuracy";
  return MONITORED.includes(first) ? first : "val_accuracy";
}
