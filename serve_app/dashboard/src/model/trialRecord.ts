/**
 * What the pages about trials read of a trial: a part of the live store's trial, so that tests need no store.
 * Shares are in [0, 1], durations in seconds; null means that a value is not known or does not exist.
 */
export type Scalar = string | number | boolean;

export type TrialStatus = "running" | "completed" | "pruned" | "diverged" | "rejected" | "failed" | "cancelled";

export interface TrialHealth {
  overall_health: number;
  neuron_utilization: number;
  training_stability: number;
  parameter_efficiency: number;
  gradient_health: number;
  convergence_quality: number;
  accuracy_consistency: number;
  /** Metrics that were not measured, as after too few epochs: they count as 0.5. */
  insufficient?: readonly string[];
}

export interface TrialArchitecture {
  type: string;
  conv_layers?: number | null;
  filters_per_layer?: readonly number[] | null;
  kernel_size?: number | null;
  dense_layers?: number | null;
  first_dense_nodes?: number | null;
  activation?: string | null;
  lstm_units?: number | null;
  gru_units?: number | null;
  total_parameters: number;
}

/** The comparison by which a scheduler ended a trial early. */
export interface StoppedBy {
  scheduler: string;
  /** Number of the rung, from 1; null: the scheduler has none. */
  rung: number | null;
  value: number;
  cutoff: number;
  rank: number;
  of: number;
}

export interface TrialRecord {
  number: number;
  id: string;
  status: TrialStatus;
  cause: string | null;
  reason: string | null;
  started_at: string | null;
  completed_at: string | null;
  duration_seconds: number | null;
  performance: { accuracy: number; loss: number; total_score: number } | null;
  health_metrics: TrialHealth | null;
  objective: number | null;
  best_epoch: number | null;
  epochs_trained: number;
  epochs: number | null;
  hyperparameters: Readonly<Record<string, Scalar>>;
  suggested_by: string | null;
  place: string | null;
  node: string | null;
  queued_s: number | null;
  architecture: TrialArchitecture | null;
  findings: readonly { name: string; epoch: number }[];
  note?: string | null;
  starred?: boolean;
}

/** The scores that lists show, filter and sort by. A running trial has none: they may still change. */
export function scoresOf(trial: TrialRecord): TrialRecord["performance"] {
  return trial.status === "running" ? null : trial.performance;
}

/** The health that lists show, filter and sort by; a running trial has none. */
export function healthOf(trial: TrialRecord): TrialHealth | null {
  return trial.status === "running" ? null : trial.health_metrics;
}
