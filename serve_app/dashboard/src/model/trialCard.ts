/** What the card of a trial says, line by line. While a trial runs its scores are N/A: they may still change. */
import { count, duration, exactTime, loss, NA, percent, time, value, wholePercent } from "./format";
import { type HealthWeights, isReduced, REDUCED } from "./trialHealth";
import { healthOf, scoresOf, type TrialArchitecture, type TrialRecord } from "./trialRecord";
import { architectureWords, causeWords, HEALTH_METRICS, reasonWords } from "./trialWords";

export interface Line {
  label: string;
  text: string;
  /** More about the text, shown on hover. */
  title?: string;
}

/** A health metric as a whole percent, with the share for its bar; null: not known, or not measured. */
export interface HealthLine extends Line {
  share: number | null;
  /** It was not measured, so it counts as 0.5. */
  insufficient: boolean;
  /** What is said under it. */
  note?: string;
}

export interface TrialCard {
  title: string;
  network: Line[];
  scores: Line[];
  /** Overall health first, then the six metrics; empty if the study does not measure health. */
  health: HealthLine[];
  course: Line[];
  /** Why it ended, in one line; null while it runs. */
  ending: string | null;
}

/** `weights` of the health metrics in this study; null: not known yet. */
export function trialCard(trial: TrialRecord, health: boolean, weights: HealthWeights | null = null): TrialCard {
  return {
    title: `Trial ${trial.number}`,
    network: networkLines(trial.architecture),
    scores: scoreLines(trial),
    health: health ? healthLines(trial, weights) : [],
    course: [
      { label: "Started", text: time(trial.started_at), title: exactTime(trial.started_at) },
      { label: "Duration", text: duration(trial.status === "running" ? null : trial.duration_seconds) },
    ],
    ending: endingOf(trial),
  };
}

export function scoreLines(trial: TrialRecord): Line[] {
  const scores = scoresOf(trial);
  return [
    { label: "Accuracy", text: percent(scores?.accuracy, 1) },
    { label: "Total score", text: percent(scores?.total_score, 1) },
    { label: "Loss", text: scores === null ? NA : loss(scores.loss) },
  ];
}

export function healthLines(trial: TrialRecord, weights: HealthWeights | null = null): HealthLine[] {
  const health = healthOf(trial);
  const line = (key: (typeof HEALTH_METRICS)[number][0] | "overall_health", label: string): HealthLine => {
    const insufficient = health?.insufficient?.includes(key) ?? false;
    const share = insufficient ? null : (health?.[key] ?? null);
    return { label, text: insufficient ? "not measured" : wholePercent(share), share, insufficient };
  };
  const overall = line("overall_health", "Overall health");
  if (isReduced(health, weights)) overall.note = REDUCED;
  return [overall, ...HEALTH_METRICS.map(([key, label]) => line(key, label))];
}

/** Only the parts that the network has. */
export function networkLines(network: TrialArchitecture | null): Line[] {
  if (network === null) return [{ label: "Architecture", text: NA }];
  const lines: Line[] = [{ label: "Architecture", text: architectureWords(network.type) }];
  const add = (label: string, known: number | string | null | undefined): void => {
    if (known !== null && known !== undefined)
      lines.push({ label, text: typeof known === "number" ? count(known) : known });
  };
  const isText = network.type === "conv1d";
  add("Convolution layers", network.conv_layers);
  add("Filters", network.filters_per_layer?.length ? network.filters_per_layer.map(count).join(", ") : null);
  add(isText ? "Kernel size (words)" : "Kernel size (pixels)", kernel(network.kernel_size, isText));
  add("LSTM units", network.lstm_units);
  add("GRU units", network.gru_units);
  add("Dense layers", network.dense_layers);
  add("First dense nodes", network.dense_layers === 0 ? null : network.first_dense_nodes);
  add("Activation", network.activation ? value(network.activation) : null);
  add("Parameters", network.total_parameters);
  return lines;
}

function kernel(side: number | null | undefined, isText: boolean): string | null {
  if (side === null || side === undefined) return null;
  return isText ? String(side) : `${side}×${side}`;
}

/** The reason in the words of the search; where it recorded none, its cause. */
function endingOf(trial: TrialRecord): string | null {
  if (trial.status === "running") return null;
  const text = trial.reason ?? (trial.cause === null ? null : causeWords(trial.cause));
  return text === null ? "Not recorded" : reasonWords(text);
}

export interface BatchPlace {
  epoch: number;
  epochs: number;
  batch: number;
  batches: number;
}

/** How far a running trial is: "Epoch 4 of 14, 74 %" is the share of the epoch; `share` is that of all its epochs. */
export function runningLine(trial: TrialRecord, batch: BatchPlace | null): { text: string; share: number | null } {
  if (batch === null || batch.epochs <= 0) {
    const done = trial.epochs_trained;
    if (done === 0) return { text: trial.started_at === null ? "Not started yet" : "Starts to train", share: null };
    const of = trial.epochs === null ? "" : ` of ${count(trial.epochs)}`;
    return { text: `${count(done)}${of} epochs done`, share: trial.epochs === null ? null : done / trial.epochs };
  }
  const part = batch.batches > 0 ? Math.min(1, batch.batch / batch.batches) : 0;
  const text = `Epoch ${count(batch.epoch)} of ${count(batch.epochs)}, ${Math.floor(part * 100)}\u00a0%`;
  return { text, share: Math.min(1, (batch.epoch - 1 + part) / batch.epochs) };
}
