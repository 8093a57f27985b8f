/** A trial for tests. */
import type { TrialRecord } from "./trialRecord";

export function exampleTrial(changes: Partial<TrialRecord> = {}): TrialRecord {
  const number = changes.number ?? 1;
  return {
    number,
    id: `digits-${number}`,
    status: "completed",
    cause: "all_epochs",
    reason: "trained all epochs",
    started_at: "2026-11-23T10:00:00Z",
    completed_at: "2026-11-23T10:01:12Z",
    duration_seconds: 72,
    performance: { accuracy: 0.9741, loss: 0.10349, total_score: 0.9213 },
    health_metrics: null,
    objective: 0.9741,
    best_epoch: 7,
    epochs_trained: 9,
    epochs: 14,
    hyperparameters: { optimizer: "adam", learning_rate: 0.00123, kernel_size: 3 },
    suggested_by: "tpe",
    place: "local",
    node: "box",
    queued_s: null,
    architecture: { type: "cnn", total_parameters: 123456 },
    findings: [],
    ...changes,
  };
}
