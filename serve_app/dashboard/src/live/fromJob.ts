/** A live study as `GET /jobs/{id}` describes it, before its trials are known. Pure. */
import type { components } from "../api/generated/openapi";
import { unknownTrial } from "./reduceTrial";
import type { LiveStudy, LiveTrial, Progress, StudyBrief } from "./types";

type JobDetail = components["schemas"]["JobDetail"];

/**
 * @param brief The study in the list of all studies, which may be newer.
 * @param after The number of the last event before those that will be folded into it.
 * @param known What the page knows of it already: its trials stay until they are read anew.
 */
export function studyOfJob(job: JobDetail, brief?: StudyBrief, after?: number, known?: LiveStudy): LiveStudy {
  const kept = known !== undefined && known.id === job.id && known.created_at === job.created_at ? known : undefined;
  const running = runningTrials(job.progress as Progress).map((trial) => [trial.number, trial] as const);
  const study: LiveStudy = {
    id: job.id,
    sequence: after ?? brief?.sequence ?? 0,
    cursor: brief?.cursor ?? "0",
    status: job.status,
    reason: job.reason,
    mode: job.mode,
    objectives: job.objectives,
    created_at: job.created_at,
    started_at: job.started_at,
    completed_at: job.completed_at,
    cancel_requested_at: job.cancel_requested_at,
    best_trial_number: job.best_trial_number,
    best_objective: job.best_objective,
    test_accuracy: job.test_accuracy,
    test_loss: job.test_loss,
    baseline: job.baseline as LiveStudy["baseline"],
    progress: job.progress as Progress,
    trials: kept?.trials ?? new Map(running),
    loadedTrials: kept?.loadedTrials ?? false,
    rowsSequence: 0,
    curves: kept?.curves ?? new Map(),
    staleSince: null,
  };
  return brief === undefined ? study : withBrief(study, brief);
}

/** The study's own fields as a newer list of all studies has them. */
export function withBrief(study: LiveStudy, brief: StudyBrief): LiveStudy {
  const { status, reason, started_at, completed_at, cancel_requested_at, best_trial_number, best_objective } = brief;
  const head = { status, reason, started_at, completed_at, cancel_requested_at, best_trial_number, best_objective };
  return { ...study, ...head };
}

function runningTrials(progress: Progress): LiveTrial[] {
  return progress.running.map((one) => ({
    ...unknownTrial(one.trial_number),
    epochs: one.epochs,
    epochs_trained: Math.max(0, one.epoch - 1),
    batch:
      one.batch === null || one.batches === null
        ? null
        : {
            epoch: one.epoch,
            epochs: one.epochs,
            batch: one.batch,
            batches: one.batches,
            loss: one.loss ?? null,
            accuracy: one.accuracy ?? null,
          },
  }));
}
