import { expect, test } from "vitest";
import { copied, defaultWeights } from "./specCopy";
import { specOf } from "./specDraft";
import { OPTIONS } from "./specSample";

const defaults = Object.fromEntries(
  OPTIONS.filter((one) => !one.name.includes(".")).map((one) => [one.name, one.default_value]),
);
const whole = { ...defaults, health_weights: defaultWeights(OPTIONS), space: {} };
const again = (spec: Record<string, unknown>) => specOf(copied({ ...whole, ...spec }, OPTIONS), OPTIONS);

test("a study of defaults is an empty form", () => {
  expect(again({ run_name: "first" })).toEqual({});
});

test("only what differs is copied, never the name and the server's folders", () => {
  const spec = { dataset: "mnist", trials: 8, run_name: "first", data_dir: "/data", early_stopping_patience: null };
  expect(again(spec)).toEqual({ dataset: "mnist", trials: 8, early_stopping_patience: null });
  expect(again({ constraints: ["parameter_count<=5"] })).toEqual({ constraints: ["parameter_count<=5"] });
});

test("defaults that follow from the target are left out, others are named", () => {
  const health = { mode: "health", objective: "total_score", health_stop: true };
  expect(again(health)).toEqual({ mode: "health" });
  expect(again({ ...health, health_stop: false })).toEqual({ mode: "health", health_stop: false });
  const pareto = { mode: "pareto", objective: ["val_accuracy", "overall_health"], scheduler: "none" };
  expect(again(pareto)).toEqual({ mode: "pareto" });
  expect(again({ ...pareto, scheduler: "asha" })).toEqual({ mode: "pareto", scheduler: "asha" });
});

test("values that would be others by default are named although they are the usual ones", () => {
  expect(again({ time_budget_s: 5400 })).toEqual({ time_budget_s: 5400, trials: 20, max_epochs_per_trial: 10 });
  expect(again({ objective: ["val_accuracy", "parameter_count"] })).toMatchObject({ scheduler: "asha" });
  expect(again({ scheduler: "pbt" })).toEqual({ scheduler: "pbt", searcher: "auto" });
});

test("weights and the narrowed space come along", () => {
  const weights = { ...defaultWeights(OPTIONS), gradient_health: 0.2, neuron_utilization: 0.2 };
  const mode = { mode: "health", objective: "total_score", health_stop: true };
  expect(again({ ...mode, health_weights: weights }).health_weights).toEqual(weights);
  const space = { learning_rate: { low: 1e-4, high: 1e-2, log: null, choices: null, prior: null } };
  expect(again({ space })).toEqual({ space: { learning_rate: "0.0001..0.01" } });
});
