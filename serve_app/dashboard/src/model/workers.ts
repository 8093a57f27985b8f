/** The workers of a study: the trials that train now, and what the others wait for. */

import { count, wholePercent } from "./format";
import { capital, withoutStop } from "./sentence";

export interface TrialForWorker {
  number: number;
  status: string;
  node: string | null;
  place: string | null;
  epochs_trained: number;
  epochs: number | null;
  batch: { epoch: number; epochs: number; batch: number; batches: number } | null;
  waiting_for?: string | null;
}

export interface RunningForWorker {
  trial_number: number;
  epoch: number;
  epochs: number;
  batch: number | null;
  batches: number | null;
  waiting_for?: string | null;
}

export interface WorkerRow {
  number: number;
  /** "Epoch 4 of 14, 74 %". */
  text: string;
  /** Share of the epoch that is done, in [0, 1]; null: not known. */
  share: number | null;
  /** Share of all its planned epochs that is done, in [0, 1]; null: not known. */
  total: number | null;
  batches: string | null;
  machine: string;
  /** What it waits for; null: it trains. */
  waiting: string | null;
}

/** Numbers of the trials that train, the lowest first. */
export function runningNumbers(trials: Iterable<{ number: number; status: string }>): number[] {
  const found: number[] = [];
  for (const trial of trials) if (trial.status === "running") found.push(trial.number);
  return found.sort((one, other) => one - other);
}

/** What the row of one worker says, from its trial and the last progress message. */
export function workerRow(trial: TrialForWorker, told: RunningForWorker | null = null): WorkerRow {
  const batch = newest(trial, told);
  const epoch = batch?.epoch ?? trial.epochs_trained + 1;
  const epochs = batch?.epochs ?? trial.epochs;
  const share = batch && batch.batch !== null && batch.batches ? Math.min(1, batch.batch / batch.batches) : null;
  const shown = epochs === null ? epoch : Math.min(epoch, epochs);
  const place = epochs === null ? `Epoch ${shown}` : `Epoch ${shown} of ${count(epochs)}`;
  const waiting = trial.waiting_for ?? told?.waiting_for ?? null;
  return {
    number: trial.number,
    text: share === null ? place : `${place}, ${wholePercent(share)}`,
    share,
    total: epochs ? Math.min(1, (shown - 1 + (share ?? 0)) / epochs) : null,
    batches:
      batch && batch.batch !== null && batch.batches ? `batch ${count(batch.batch)} of ${count(batch.batches)}` : null,
    machine: trial.place === "runpod" ? "RunPod" : (trial.node ?? "this cluster"),
    waiting: waiting ? `waits for ${withoutStop(waiting)}` : null,
  };
}

/** The later one of the live batch and the one of the progress message. */
function newest(trial: TrialForWorker, told: RunningForWorker | null) {
  const live = trial.batch && trial.batch.epoch > trial.epochs_trained ? trial.batch : null;
  if (live === null) return told && told.epoch > trial.epochs_trained ? told : null;
  return told && told.epoch > live.epoch ? told : live;
}

/** What is said where no trial trains, or where more could. */
export function waitingText(
  study: {
    status: string;
    test_accuracy?: number | null;
    progress: { waiting_for?: string | null; trials_performed?: number; total_trials?: number };
  },
  running: number,
): string | null {
  const reason = study.progress.waiting_for;
  if (study.status === "created") return "No trial is training yet: the study’s process is being prepared.";
  if (study.status === "interrupted" && running)
    return "The study’s process ended. These trials continue when it is resumed.";
  if (study.status !== "running") return running ? null : "No trial is training.";
  if (reason) return `${capital(running ? "the next trial" : "the study")} waits for ${withoutStop(reason)}.`;
  if (running) return null;
  const { trials_performed: performed = 0, total_trials: total = Number.POSITIVE_INFINITY } = study.progress;
  if (performed >= total) {
    return study.test_accuracy == null
      ? "All trials have ended. The study is finishing: its best model is being saved and tested."
      : "All trials have ended. The study is finishing: its figures are being drawn.";
  }
  return `No trial is training ${performed > 0 ? "now" : "yet"}: the next networks are being chosen.`;
}
