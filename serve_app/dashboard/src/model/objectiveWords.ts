/** Names and units of the objectives of a search. */

import { count, duration, loss, percent } from "./format";
import { words } from "./sentence";

const OBJECTIVES: Record<string, { name: string; value: (value: number) => string; share?: boolean; unit?: string }> = {
  val_accuracy: { name: "validation accuracy", value: (value) => percent(value), share: true },
  val_balanced_accuracy: { name: "balanced accuracy", value: (value) => percent(value), share: true },
  val_macro_f1: { name: "macro F1 score", value: (value) => percent(value), share: true },
  total_score: { name: "total score", value: (value) => percent(value), share: true },
  overall_health: { name: "overall health", value: (value) => percent(value), share: true },
  val_loss: { name: "validation loss", value: (value) => loss(value) },
  parameter_count: { name: "number of parameters", value: (value) => count(value) },
  training_time: { name: "training time", value: (value) => duration(value), unit: "seconds" },
  inference_time: {
    name: "prediction time per sample",
    value: (value) => `${value.toPrecision(3)} ms`,
    unit: "milliseconds",
  },
};

export function objectiveName(objective: string): string {
  return OBJECTIVES[objective]?.name ?? words(objective);
}

/** Whether its values are shares in [0, 1]. */
export function isShare(objective: string): boolean {
  return OBJECTIVES[objective]?.share ?? false;
}

/** What its values are counted in where they are written as plain numbers; undefined: they have no unit. */
export function objectiveUnit(objective: string): string | undefined {
  return OBJECTIVES[objective]?.unit;
}

export function objectiveText(objective: string, value: number): string {
  return OBJECTIVES[objective]?.value(value) ?? String(value);
}
