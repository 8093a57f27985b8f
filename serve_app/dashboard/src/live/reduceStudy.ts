/** What messages change about one study. Pure: (study, messages) → study, with unchanged parts kept. */
import type { EpochProgress, FeedMessage, NewBest, StudyStatus, TrialComplete } from "../api/generated/feed";
import { epochOf, reduceTrial, unknownTrial } from "./reduceTrial";
import type { EpochLite, LiveStudy, LiveTrial, Progress } from "./types";

/** The trial that a message is about; null: it is about the study. */
export function trialOf(message: FeedMessage): number | null {
  return "trial_number" in message && typeof message.trial_number === "number" ? message.trial_number : null;
}

/** Applies messages in order. One copy of the maps is made for all of them, however many there are. */
export function reduceStudy(study: LiveStudy, messages: readonly FeedMessage[]): LiveStudy {
  let next = study;
  const trials = new Draft(study.trials);
  const curves = new Draft(study.curves);
  for (const message of messages) {
    if ("sequence" in message && message.type !== "snapshot") {
      if (message.sequence <= next.sequence) continue; // sent again after a resume
      next = { ...next, sequence: message.sequence, cursor: message.cursor };
    }
    next = reduceHead(next, message, trials);
    const number = trialOf(message);
    if (number === null) continue;
    if (message.type === "epoch_progress") curves.set(number, withEpoch(curves.get(number) ?? [], message));
    else if (message.type === "trial_start" && message.resumed_from_epoch === 0) curves.delete(number);
    if ("sequence" in message && message.sequence <= study.rowsSequence) continue; // its row includes it
    const known = trials.get(number);
    if (known === undefined && !tellsTrial(message)) continue;
    const before = known ?? unknownTrial(number);
    const after = reduceTrial(before, message);
    if (after !== known) trials.set(number, after);
  }
  if (trials.map !== study.trials) next = { ...next, trials: trials.map };
  if (curves.map !== study.curves) next = { ...next, curves: curves.map };
  return next;
}

/** Whether a message makes a trial known that was not: samples and bills alone do not. */
function tellsTrial(message: FeedMessage): boolean {
  return message.type === "trial_start" || message.type === "trial_complete" || message.type === "epoch_progress";
}

function reduceHead(study: LiveStudy, message: FeedMessage, trials: Draft<LiveTrial>): LiveStudy {
  switch (message.type) {
    case "study_status":
      return withStatus(study, message);
    case "baseline_fitted":
      return { ...study, baseline: message.baseline };
    case "new_best":
      return withBest(study, message);
    case "best_model":
      return { ...study, test_accuracy: message.test_accuracy, test_loss: message.test_loss };
    case "progress":
      // A sample may be older than the event that ended the study, or than a cancel, which is never taken back.
      if (study.completed_at !== null && message.status === "running") return study;
      return {
        ...study,
        status: message.status,
        progress: message.progress,
        cancel_requested_at: message.cancel_requested_at ?? study.cancel_requested_at,
      };
    case "trial_start": {
      const running = trials.get(message.trial_number)?.status === "running";
      const { running_trials } = study.progress;
      return running ? study : { ...study, progress: { ...study.progress, running_trials: running_trials + 1 } };
    }
    case "trial_complete":
      return { ...study, progress: withEnded(study.progress, message) };
    default:
      return study;
  }
}

function withStatus(study: LiveStudy, message: StudyStatus): LiveStudy {
  const { status, reason, time } = message;
  if (status === "created") return { ...study, status, reason, completed_at: null, cancel_requested_at: null };
  if (status === "running") {
    return { ...study, status, reason, started_at: study.started_at ?? time, completed_at: null };
  }
  return { ...study, status, reason, completed_at: time };
}

function withBest(study: LiveStudy, message: NewBest): LiveStudy {
  const { trial_number, objective, performance } = message;
  const progress = {
    ...study.progress,
    best_trial_number: trial_number,
    best_accuracy: performance.accuracy,
    best_total_score: performance.total_score,
  };
  return { ...study, best_trial_number: trial_number, best_objective: objective, progress };
}

/** The counts after a trial's end; the next progress sample brings the server's own. */
function withEnded(progress: Progress, message: TrialComplete): Progress {
  const counts = { ...progress, running_trials: Math.max(0, progress.running_trials - 1) };
  counts.running = progress.running.filter((one) => one.trial_number !== message.trial_number);
  switch (message.status) {
    case "completed":
      return {
        ...counts,
        completed_trials: counts.completed_trials + 1,
        trials_performed: counts.trials_performed + 1,
      };
    case "pruned":
      return { ...counts, pruned_trials: counts.pruned_trials + 1, trials_performed: counts.trials_performed + 1 };
    case "failed":
    case "diverged":
      return { ...counts, failed_trials: counts.failed_trials + 1, trials_performed: counts.trials_performed + 1 };
    case "rejected":
      return { ...counts, rejected_trials: counts.rejected_trials + 1 };
    case "cancelled":
      return isFinal(message) ? { ...counts, trials_performed: counts.trials_performed + 1 } : counts;
    default:
      return counts;
  }
}

/** A trial that a person cancelled is never trained again; one that its study cancelled is, after a resume. */
function isFinal(message: object): boolean {
  return "cancelled_by_person" in message && message.cancelled_by_person === true;
}

function withEpoch(known: readonly EpochLite[], message: EpochProgress): readonly EpochLite[] {
  const epoch = epochOf(message);
  return [...known.filter((one) => one.epoch < epoch.epoch), epoch];
}

/** A map that is copied at its first change. */
class Draft<V> {
  map: ReadonlyMap<number, V>;
  #copy: Map<number, V> | null = null;

  constructor(map: ReadonlyMap<number, V>) {
    this.map = map;
  }

  get(key: number): V | undefined {
    return this.map.get(key);
  }

  set(key: number, value: V): void {
    this.#own().set(key, value);
  }

  delete(key: number): void {
    if (this.map.has(key)) this.#own().delete(key);
  }

  #own(): Map<number, V> {
    if (this.#copy === null) {
      this.#copy = new Map(this.map);
      this.map = this.#copy;
    }
    return this.#copy;
  }
}
