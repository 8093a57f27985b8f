/**
 * What the live store holds. Everything is immutable: a trial or study that did not change keeps its identity, so that
 * components can compare. Absent values are null.
 */
import type {
  Baseline,
  Finding,
  HealthMetrics,
  LayerOutline,
  Performance,
  Progress,
  StoppedBy,
  StudyBrief,
} from "../api/generated/feed";
import type { components } from "../api/generated/openapi";

type Schemas = components["schemas"];

export type { Baseline, Finding, HealthMetrics, LayerOutline, Performance, Progress, StoppedBy, StudyBrief };
export type ArchitectureLine = Schemas["ArchitectureLine"];
export type Scalar = string | number | boolean;
export type TrialStatus = Schemas["TrialSummary"]["status"];
export type TrialCause = NonNullable<Schemas["TrialSummary"]["cause"]>;
export type StudyStatus = Schemas["Job"]["status"];
export type Mode = Schemas["Job"]["mode"];

export interface Connection {
  kind: "connecting" | "live" | "reconnecting" | "stale" | "gone" | "login" | "outdated";
  /** When the next attempt begins, in milliseconds since 1970. */
  retryAt?: number;
  /** Since when nothing has arrived, in milliseconds since 1970. */
  since?: number;
}

export interface LiveBatch {
  epoch: number;
  epochs: number;
  batch: number;
  batches: number;
  loss: number | null;
  accuracy: number | null;
}

export interface ResourceSample {
  node: string | null;
  cpu_percent: number | null;
  memory_bytes: number | null;
  gpu_percent: number | null;
  gpu_memory_bytes: number | null;
}

export interface LiveTrial {
  number: number;
  id: string;
  status: TrialStatus;
  started_at: string | null;
  completed_at: string | null;
  duration_seconds: number | null;
  performance: Performance | null;
  health_metrics: HealthMetrics | null;
  overall_health: number | null;
  objective: number | null;
  best_epoch: number | null;
  epochs_trained: number;
  cause: TrialCause | null;
  reason: string | null;
  hyperparameters: Readonly<Record<string, Scalar>>;
  suggested_by: string | null;
  place: string | null;
  node: string | null;
  queued_s: number | null;
  stopped_by: StoppedBy | null;
  architecture: ArchitectureLine | null;
  outline: readonly LayerOutline[] | null;
  findings: readonly Finding[];
  /** What a person wrote about it. */
  note: string | null;
  starred: boolean;
  /** When a person asked to end it; null: nobody did. */
  cancel_requested_at: string | null;
  batch: LiveBatch | null;
  /** Planned epochs; null: not known yet. */
  epochs: number | null;
  resources: ResourceSample | null;
}

export interface EpochLite {
  epoch: number;
  train_loss: number;
  train_accuracy: number;
  val_loss: number;
  val_accuracy: number;
  objective: number;
  overall_health: number | null;
}

export interface LiveStudy {
  id: string;
  sequence: number;
  cursor: string;
  status: StudyStatus;
  reason: string | null;
  mode: Mode;
  objectives: readonly string[];
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  cancel_requested_at: string | null;
  best_trial_number: number | null;
  best_objective: number | null;
  test_accuracy: number | null;
  test_loss: number | null;
  baseline: Baseline | null;
  progress: Progress;
  trials: ReadonlyMap<number, LiveTrial>;
  /** Whether `trials` holds all trials; before that, it holds the running ones and those that changed since. */
  loadedTrials: boolean;
  /** All rows of `trials` include the events up to this one. */
  rowsSequence: number;
  /** Epochs told since the page opened; `GET /jobs/{id}/curves` has the rest. */
  curves: ReadonlyMap<number, readonly EpochLite[]>;
  /** Since when nothing has arrived, in milliseconds since 1970; null: it is up to date. */
  staleSince: number | null;
}
