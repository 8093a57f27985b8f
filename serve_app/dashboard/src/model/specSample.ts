/** Some fields as `GET /options` describes them, for the tests of the form. Nothing of it is part of the page. */
import type { SpecOption } from "./specOptions";

function field(name: string, group: string, kind: string, value: unknown, meaning = ""): SpecOption {
  const shown = value === null || (Array.isArray(value) && value.length === 0) ? "none" : String(value);
  return { name, group, kind, default: shown, meaning, default_value: value };
}

const WEIGHTS: Record<string, number> = {
  neuron_utilization: 0.25,
  training_stability: 0.2,
  parameter_efficiency: 0.15,
  gradient_health: 0.15,
  convergence_quality: 0.15,
  accuracy_consistency: 0.1,
};

export const OPTIONS: SpecOption[] = [
  field("dataset", "Data", "text", "digits"),
  field("data_dir", "Data", "text or none", null),
  field("validation_split", "Data", "number above 0 below 1", 0.2),
  field("image_size", "Data", "text", "auto"),
  field("trials", "Search", "whole number from 1 to 100,000", 20, "Number of networks to train."),
  field("objective", "Search", "val_accuracy, val_loss, parameter_count or see meaning", "val_accuracy"),
  field("constraints", "Search", "see meaning", []),
  field("mode", "Search", "simple, health, pareto", "simple"),
  field("space", "Search", "see meaning", {}),
  field("searcher", "Search", "auto, tpe, random, cmaes, gp, grid, nsga2", "auto"),
  field("scheduler", "Search", "asha, hyperband, median, pbt, none", "asha", "How weak trials are ended early."),
  field("deterministic", "Search", "true, false", false),
  field("warm_start_from", "Search", "text or none", null),
  field("time_budget_s", "Search", "number above 0 to 1,000,000,000.0 or none", null),
  field("accuracy_weight", "Health", "number from 0 to 1", 0.7),
  { name: "health_weights", group: "Health", kind: "see below", default: "see below", meaning: "" },
  ...Object.entries(WEIGHTS).map(([name, weight]) =>
    field(`health_weights.${name}`, "Health", "number from 0 to 1", weight),
  ),
  field("health_stop", "Health", "true, false", false),
  field("max_epochs_per_trial", "Each trial", "whole number from 1 to 10,000", 10),
  field("min_epochs_per_trial", "Each trial", "whole number from 1 to 10,000", 1, "Epochs before early stopping."),
  field("early_stopping_patience", "Each trial", "whole number from 1 to 10,000 or none", 5),
  field("class_weight", "Each trial", "auto, none", "none"),
  field("concurrent_workers", "Resources", "whole number from 1 to 1,000 or auto", "auto"),
  field("gpus_per_trial", "Resources", "number from 0 to 1 or auto", "auto"),
  field("use_multi_gpu", "Resources", "true, false or auto", "auto"),
  field("max_parameters", "Resources", "whole number from 1 to 9,223,372,036,854,775,807", 50_000_000),
  field("run_name", "Results", "text or none", null),
];

export function option(name: string): SpecOption {
  const found = OPTIONS.find((one) => one.name === name);
  if (!found) throw new Error(`no sample of ${name}`);
  return found;
}
