/** Two to four trials side by side: one row for each value that a list or a card shows. */
import { NA, value } from "../format";
import { networkLines } from "../trialCard";
import { hyperparameterNames, type TrialColumn, trialColumns } from "../trialColumns";
import type { TrialRecord } from "../trialRecord";
import { words } from "../trialWords";

export type CompareGroup = "Results" | "Health" | "Network" | "Hyperparameters" | "Course";
export const GROUPS: readonly CompareGroup[] = ["Results", "Health", "Hyperparameters", "Network", "Course"];

export interface CompareRow {
  key: string;
  group: CompareGroup;
  label: string;
  /** One for each trial, in words. */
  cells: readonly string[];
  /** Whether the trials do not all have the same. */
  differs: boolean;
  /** Whether a cell is the best of its row; none is, where no direction is better or all are equal. */
  best: readonly boolean[];
}

/** A value of which a higher one is better (1), or a lower one (-1). */
const DIRECTION: Readonly<Record<string, 1 | -1>> = {
  accuracy: 1,
  total_score: 1,
  overall_health: 1,
  neuron_utilization: 1,
  training_stability: 1,
  parameter_efficiency: 1,
  gradient_health: 1,
  convergence_quality: 1,
  accuracy_consistency: 1,
  loss: -1,
};

const RESULTS: ReadonlySet<string> = new Set(["status", "accuracy", "loss", "total_score", "objective"]);
/** In the group of the network in more detail, or the head of the column. */
const LEFT_OUT: ReadonlySet<string> = new Set(["trial_number", "architecture", "parameters", "trial_id"]);

/** Lines of a network that are hyperparameters too: they are left out where the hyperparameter has a row. */
const SAME_AS: Readonly<Record<string, readonly string[]>> = {
  "Convolution layers": ["hp.conv_layers"],
  Filters: ["hp.filters", "hp.filters_1"],
  "Kernel size (pixels)": ["hp.kernel_size"],
  "Kernel size (words)": ["hp.kernel_size"],
  "LSTM units": ["hp.lstm_units"],
  "GRU units": ["hp.gru_units"],
  "Dense layers": ["hp.dense_layers"],
  "First dense nodes": ["hp.first_dense_nodes"],
  Activation: ["hp.activation"],
};

export function compareRows(trials: readonly TrialRecord[], health: boolean): CompareRow[] {
  const columns = trialColumns(health, hyperparameterNames(trials)).filter((column) => !LEFT_OUT.has(column.key));
  const keys = new Set(columns.map(({ key }) => key));
  const network = networkRows(trials).filter(({ label }) => !SAME_AS[label]?.some((key) => keys.has(key)));
  const rows = [...columns.map((column) => rowOf(column, trials)), ...network];
  return rows.sort((one, other) => GROUPS.indexOf(one.group) - GROUPS.indexOf(other.group));
}

function rowOf(column: TrialColumn, trials: readonly TrialRecord[]): CompareRow {
  const raw = trials.map(column.of);
  return {
    key: column.key,
    group: groupOf(column.key),
    label: column.label,
    cells: trials.map(column.text),
    differs: raw.some((one) => one !== raw[0]),
    best: bestOf(raw, DIRECTION[column.key]),
  };
}

function groupOf(key: string): CompareGroup {
  if (key.startsWith("hp.")) return "Hyperparameters";
  if (RESULTS.has(key)) return "Results";
  return key in DIRECTION ? "Health" : "Course";
}

function bestOf(raw: readonly unknown[], direction: 1 | -1 | undefined): boolean[] {
  const known = raw.filter((one): one is number => typeof one === "number");
  if (direction === undefined || known.length < 2 || known.every((one) => one === known[0]))
    return raw.map(() => false);
  const best = direction === 1 ? Math.max(...known) : Math.min(...known);
  return raw.map((one) => one === best);
}

function networkRows(trials: readonly TrialRecord[]): CompareRow[] {
  const lines = trials.map((trial) => new Map(networkLines(trial.architecture).map((line) => [line.label, line.text])));
  const labels = [...new Set(lines.flatMap((one) => [...one.keys()]))];
  return labels.map((label) => {
    const cells = lines.map((one) => one.get(label) ?? NA);
    const differs = cells.some((cell) => cell !== cells[0]);
    return { key: `network.${label}`, group: "Network", label, cells, differs, best: cells.map(() => false) };
  });
}

export interface ParameterDifference {
  name: string;
  label: string;
  /** One for each trial; N/A: the trial does not have it. */
  values: readonly string[];
}

/** The hyperparameters that the trials do not all have with the same value; the most important ones first. */
export function parameterDifferences(
  trials: readonly TrialRecord[],
  importance: Readonly<Record<string, number>> | null,
): { differing: ParameterDifference[]; of: number } {
  const names = hyperparameterNames(trials);
  const differing = names
    .filter((name) => trials.some((trial) => trial.hyperparameters[name] !== trials[0]?.hyperparameters[name]))
    .map((name) => ({ name, label: words(name), values: trials.map((trial) => value(trial.hyperparameters[name])) }));
  differing.sort((one, other) => (importance?.[other.name] ?? 0) - (importance?.[one.name] ?? 0));
  return { differing, of: names.length };
}
