/** Words for the names that the API uses of trials. An unknown name is shown with spaces for underscores. */
import type { TrialStatus } from "./trialRecord";

export const STATUSES: readonly TrialStatus[] = [
  "running",
  "completed",
  "pruned",
  "diverged",
  "rejected",
  "failed",
  "cancelled",
];

const STATUS_WORDS: Readonly<Record<string, string>> = { pruned: "Stopped early", rejected: "Too large" };

const CAUSES: Readonly<Record<string, string>> = {
  all_epochs: "Trained all epochs",
  early_stopping: "Stopped improving",
  health_stop: "Training problem",
  pruned: "Behind other trials",
  diverged: "Diverged",
  too_large: "Too many parameters",
  cannot_build: "Network not buildable",
  error: "Error",
  out_of_memory: "Out of memory",
  worker_lost: "Worker lost",
  cancelled: "Cancelled",
  time_budget: "Time budget used up",
  target_reached: "Target reached",
  timed_out: "Timed out",
  service_fault: "Cloud service failed",
};

const SCHEDULERS: Readonly<Record<string, string>> = {
  asha: "ASHA",
  hyperband: "Hyperband",
  median: "the median rule",
};

const ARCHITECTURES: Readonly<Record<string, string>> = {
  cnn: "CNN",
  conv1d: "1D CNN",
  lstm: "LSTM",
  gru: "GRU",
  ngram: "N-gram",
  own: "Own model",
};

const FINDINGS: Readonly<Record<string, string>> = {
  vanishing_gradients: "Vanishing gradients",
  exploding_gradients: "Exploding gradients",
  dying_units: "Dying units",
  saturation: "Saturated units",
  oscillating_loss: "Oscillating loss",
  divergence: "Divergence",
  no_learning: "No learning",
  no_more_gain: "No more gain",
  overfitting: "Overfitting",
};

/** The six health metrics, in the order in which they are shown everywhere. */
export const HEALTH_METRICS = [
  ["neuron_utilization", "Neuron utilization"],
  ["training_stability", "Training stability"],
  ["parameter_efficiency", "Parameter efficiency"],
  ["gradient_health", "Gradient health"],
  ["convergence_quality", "Convergence quality"],
  ["accuracy_consistency", "Accuracy consistency"],
] as const;

/** `batch_normalization` as `Batch normalization`. */
export function words(name: string): string {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The same words as on the badge of a status. */
export function statusWords(status: string): string {
  return STATUS_WORDS[status] ?? words(status);
}

export function causeWords(cause: string): string {
  return CAUSES[cause] ?? words(cause);
}

export function schedulerWords(name: string): string {
  return SCHEDULERS[name] ?? `the scheduler ${name.replaceAll("_", " ")}`;
}

/** The recorded reason of an end in the words of the pages: "Stopped early by ASHA at rung 2, after epoch 7". */
export function reasonWords(reason: string): string {
  const said = reason.replace(/^pruned by (\w+)/, (_, name: string) => `stopped early by ${schedulerWords(name)}`);
  return said.charAt(0).toUpperCase() + said.slice(1);
}

export function architectureWords(type: string): string {
  return ARCHITECTURES[type] ?? words(type);
}

export function findingWords(name: string): string {
  return FINDINGS[name] ?? words(name);
}
