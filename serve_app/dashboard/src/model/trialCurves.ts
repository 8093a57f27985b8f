/** The curves of one trial: loss, accuracy, the learning gap (training minus validation accuracy), and its health. */
import { loss, percent } from "./format";
import type { StoppedBy } from "./trialRecord";
import { isLowerBetter, metric } from "./trialStory";

export interface EpochValues {
  epoch: number;
  train_loss: number | null;
  train_accuracy: number | null;
  val_loss: number | null;
  val_accuracy: number | null;
  /** Value of the objective that the scheduler compares. */
  objective: number | null;
  overall_health?: number | null;
}

export type TrialPoint = readonly [epoch: number, value: number];

export interface TrialCurve {
  label: string;
  training: boolean;
  points: TrialPoint[];
}

export interface TrialChart {
  title: string;
  kind: "loss" | "share" | "points" | "objective";
  /** What the curves show, in words. */
  sentence: string;
  curves: TrialCurve[];
  /** The value that the trial had to reach where it was stopped, and the epoch of the comparison. */
  threshold: { value: number; epoch: number; text: string } | null;
}

/** The epochs of the answer, with those that the live feed has told since. */
export function mergedEpochs(stored: readonly EpochValues[], told: readonly EpochValues[]): EpochValues[] {
  const epochs = new Map(stored.map((epoch) => [epoch.epoch, epoch]));
  for (const epoch of told) epochs.set(epoch.epoch, epoch);
  return [...epochs.values()].sort((one, other) => one.epoch - other.epoch);
}

/**
 * The charts of a trial. `objective` is the one that its scheduler compares; `stop` is its last comparison. Of epochs with
 * an equal value the sentences name the trial's best one.
 */
export function trialCharts(
  epochs: readonly EpochValues[],
  objective: string,
  stop: StoppedBy | null,
  bestEpoch: number | null = null,
): TrialChart[] {
  const at = epochs[epochs.length - 1]?.epoch ?? 0;
  const threshold = stop && { value: stop.cutoff, epoch: at, text: `threshold ${metric(stop.cutoff, objective)}` };
  const pair = (train: "train_loss" | "train_accuracy", validation: "val_loss" | "val_accuracy"): TrialCurve[] => [
    { label: "Validation", training: false, points: points(epochs, (epoch) => epoch[validation]) },
    { label: "Training", training: true, points: points(epochs, (epoch) => epoch[train]) },
  ];
  const losses = pair("train_loss", "val_loss");
  const shares = pair("train_accuracy", "val_accuracy");
  const gap = points(epochs, ({ train_accuracy: train, val_accuracy: validation }) =>
    train === null || validation === null ? null : (train - validation) * 100,
  );
  const charts: TrialChart[] = [
    {
      title: "Loss",
      kind: "loss",
      sentence: bestSentence("Validation loss", losses[0]?.points ?? [], true, loss, bestEpoch),
      curves: losses,
      threshold: objective === "val_loss" ? threshold : null,
    },
    {
      title: "Accuracy",
      kind: "share",
      sentence: bestSentence("Validation accuracy", shares[0]?.points ?? [], false, percent, bestEpoch),
      curves: shares,
      threshold: objective === "val_accuracy" ? threshold : null,
    },
    {
      title: "Learning gap",
      kind: "points",
      sentence: gapSentence(gap),
      curves: [{ label: "Training minus validation accuracy", training: false, points: gap }],
      threshold: null,
    },
  ];
  const health = points(epochs, (epoch) => epoch.overall_health ?? null);
  if (health.length > 0) {
    charts.push({
      title: "Overall health",
      kind: "share",
      sentence: bestSentence("Overall health", health, false, percent, bestEpoch),
      curves: [{ label: "Overall health", training: false, points: health }],
      threshold: objective === "overall_health" ? threshold : null,
    });
  }
  if (threshold === null || ["val_loss", "val_accuracy", "overall_health"].includes(objective)) return charts;
  const own = points(epochs, (epoch) => epoch.objective);
  const write = (value: number) => metric(value, objective);
  const sentence = bestSentence(`The objective ${objective}`, own, isLowerBetter(objective), write, bestEpoch);
  const curves = [{ label: objective, training: false, points: own }];
  return [...charts, { title: "Objective", kind: "objective", sentence, curves, threshold }];
}

function points(epochs: readonly EpochValues[], of: (epoch: EpochValues) => number | null): TrialPoint[] {
  const found: TrialPoint[] = [];
  for (const epoch of epochs) {
    const value = of(epoch);
    if (value !== null && Number.isFinite(value)) found.push([epoch.epoch, value]);
  }
  return found;
}

function bestSentence(
  name: string,
  curve: readonly TrialPoint[],
  lower: boolean,
  write: (value: number) => string,
  bestEpoch: number | null,
): string {
  const [first, last] = [curve[0], curve[curve.length - 1]];
  if (first === undefined || last === undefined) return "No value was measured.";
  const best = curve.reduce((one, other) => {
    const better = lower ? other[1] < one[1] : other[1] > one[1];
    return better || (other[1] === one[1] && other[0] === bestEpoch) ? other : one;
  });
  const where = best === last ? "its last value" : `its ${lower ? "lowest" : "highest"} value, at epoch ${best[0]}`;
  if (curve.length === 1) return `${name} after epoch ${first[0]}: ${write(first[1])}.`;
  return `${name} went from ${write(first[1])} to ${write(best[1])}, ${where}.`;
}

function gapSentence(curve: readonly TrialPoint[]): string {
  const last = curve[curve.length - 1];
  if (last === undefined) return "No value was measured.";
  const side = last[1] >= 0 ? "above" : "below";
  return `At the end, training accuracy was ${Math.abs(last[1]).toFixed(1)} percentage points ${side} validation accuracy.`;
}
