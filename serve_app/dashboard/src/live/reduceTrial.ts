/** What one message changes about one trial. Pure: a trial that does not change keeps its identity. */
import type {
  BatchProgress,
  EpochProgress,
  FeedMessage,
  Finding,
  HealthAlert,
  ResourceSampleMessage,
  TrialComplete,
  TrialStart,
} from "../api/generated/feed";
import { withTrialNotes } from "./notes";
import type { ArchitectureLine, EpochLite, LayerOutline, LiveTrial, ResourceSample } from "./types";

/** A trial of which only the number is known yet. */
export function unknownTrial(number: number): LiveTrial {
  return {
    number,
    id: "",
    status: "running",
    started_at: null,
    completed_at: null,
    duration_seconds: null,
    performance: null,
    health_metrics: null,
    overall_health: null,
    objective: null,
    best_epoch: null,
    epochs_trained: 0,
    cause: null,
    reason: null,
    hyperparameters: {},
    suggested_by: null,
    place: null,
    node: null,
    queued_s: null,
    stopped_by: null,
    architecture: null,
    outline: null,
    findings: [],
    note: null,
    starred: false,
    cancel_requested_at: null,
    batch: null,
    epochs: null,
    resources: null,
  };
}

/** The trial after a message about it; the same object if the message changes nothing. */
export function reduceTrial(trial: LiveTrial, message: FeedMessage): LiveTrial {
  switch (message.type) {
    case "trial_start":
      return started(trial, message);
    case "epoch_progress":
      return afterEpoch(trial, message);
    case "health_alert":
      return alerted(trial, message);
    case "trial_complete":
      return completed(trial, message);
    case "batch_progress":
      return afterBatch(trial, message);
    case "resource_sample":
      return sampled(trial, message);
    case "trial_changed":
      return withTrialNotes(trial, message);
    default:
      return trial;
  }
}

function started(trial: LiveTrial, message: TrialStart): LiveTrial {
  const { layers, ...line } = message.architecture;
  return {
    ...unknownTrial(trial.number),
    id: message.trial_id,
    started_at: message.time,
    hyperparameters: message.hyperparameters,
    suggested_by: message.suggested_by,
    place: message.place,
    node: message.devices?.node ?? null,
    queued_s: trial.queued_s,
    epochs_trained: message.resumed_from_epoch,
    architecture: line satisfies ArchitectureLine,
    outline: layers.map(outlineOf),
    epochs: trial.epochs,
    findings: message.resumed_from_epoch > 0 ? trial.findings : [],
    note: trial.note,
    starred: trial.starred,
    cancel_requested_at: trial.cancel_requested_at,
  };
}

function outlineOf(layer: TrialStart["architecture"]["layers"][number]): LayerOutline {
  return { layer_type: layer.layer_type, output_shape: layer.output_shape, parameters: layer.parameters };
}

function afterEpoch(trial: LiveTrial, message: EpochProgress): LiveTrial {
  const batch = trial.batch;
  return {
    ...trial,
    epochs: message.epochs,
    epochs_trained: Math.max(trial.epochs_trained, message.epoch),
    findings: added(trial.findings, message.findings),
    batch: batch !== null && batch.epoch <= message.epoch ? { ...batch, batch: batch.batches } : batch,
  };
}

function alerted(trial: LiveTrial, message: HealthAlert): LiveTrial {
  const findings = added(trial.findings, [message.finding]);
  return findings === trial.findings ? trial : { ...trial, findings };
}

function completed(trial: LiveTrial, message: TrialComplete): LiveTrial {
  return {
    ...trial,
    id: message.trial_id,
    status: message.status,
    completed_at: message.time,
    duration_seconds: message.duration_seconds,
    performance: message.performance,
    health_metrics: message.health_metrics,
    overall_health: message.health_metrics?.overall_health ?? null,
    objective: message.objective,
    best_epoch: message.best_epoch,
    epochs_trained: message.epochs_trained,
    cause: message.cause,
    reason: message.reason,
    stopped_by: message.stopped_by,
    hyperparameters: message.hyperparameters,
    suggested_by: message.suggested_by ?? trial.suggested_by,
    findings: message.findings,
    batch: null,
    resources: null,
  };
}

function afterBatch(trial: LiveTrial, message: BatchProgress): LiveTrial {
  if (trial.status !== "running" || message.epoch <= trial.epochs_trained) return trial;
  const { epoch, epochs, batch, batches, loss, accuracy } = message;
  const resources =
    message.resources === null ? trial.resources : { ...message.resources, node: message.resources.node ?? trial.node };
  return { ...trial, epochs, batch: { epoch, epochs, batch, batches, loss, accuracy }, resources };
}

function sampled(trial: LiveTrial, message: ResourceSampleMessage): LiveTrial {
  if (trial.status !== "running") return trial;
  const { node, cpu_percent, memory_bytes, gpu_percent, gpu_memory_bytes } = message;
  const resources: ResourceSample = { node, cpu_percent, memory_bytes, gpu_percent, gpu_memory_bytes };
  return { ...trial, resources, node: trial.node ?? node };
}

/** A problem is told by an alert and again by its epoch: each is kept once. */
function added(known: readonly Finding[], found: readonly Finding[]): readonly Finding[] {
  const fresh = found.filter((one) => !known.some((other) => other.name === one.name && other.epoch === one.epoch));
  return fresh.length === 0 ? known : [...known, ...fresh];
}

export function epochOf(message: EpochProgress): EpochLite {
  return {
    epoch: message.epoch,
    train_loss: message.train.loss,
    train_accuracy: message.train.accuracy,
    val_loss: message.validation.loss,
    val_accuracy: message.validation.accuracy,
    objective: message.objective,
    overall_health: message.health_metrics?.overall_health ?? null,
  };
}
