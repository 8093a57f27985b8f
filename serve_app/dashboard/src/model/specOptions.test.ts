import { expect, test } from "vitest";
import {
  advancedGroups,
  choicesOf,
  controlOf,
  defaultWords,
  label,
  meaningWords,
  namesIn,
  rangeWords,
  withName,
} from "./specOptions";
import { OPTIONS, option } from "./specSample";

test("each kind of field gets its control", () => {
  expect(controlOf(option("scheduler"))).toBe("choice");
  expect(choicesOf(option("scheduler"))).toEqual(["asha", "hyperband", "median", "pbt", "none"]);
  expect(choicesOf(option("use_multi_gpu"))).toEqual(["true", "false", "auto"]);
  expect(controlOf(option("min_epochs_per_trial"))).toBe("number");
  expect(controlOf(option("gpus_per_trial"))).toBe("number");
  expect(controlOf(option("run_name"))).toBe("text");
  expect(controlOf(option("objective"))).toBe("text");
  expect(controlOf(option("constraints"))).toBe("text");
});

test("ranges leave out limits that nobody reaches", () => {
  expect(rangeWords(option("max_parameters"))).toBe("whole number from 1");
  expect(rangeWords(option("min_epochs_per_trial"))).toBe("whole number from 1 to 10,000");
  expect(rangeWords(option("scheduler"))).toBe("");
});

test("a default is the one that the server would use", () => {
  expect(defaultWords(option("scheduler"))).toBe("asha");
  expect(defaultWords(option("scheduler"), "none")).toBe("none");
  expect(defaultWords(option("health_stop"), true)).toBe("Yes");
  expect(defaultWords(option("constraints"), [])).toBe("none");
  expect(defaultWords(option("max_parameters"), 50_000_000)).toBe("50,000,000");
});

test("advanced holds every field once, but those with a place of their own and paths of the server", () => {
  const shown = advancedGroups(OPTIONS, "").flatMap((group) => group.options.map((one) => one.name));
  expect(shown).toContain("early_stopping_patience");
  for (const name of ["dataset", "trials", "space", "data_dir", "accuracy_weight", "health_weights.gradient_health"]) {
    expect(shown).not.toContain(name);
  }
  expect(new Set(shown).size).toBe(shown.length);
});

test("the search looks in names and meanings, for every word", () => {
  const found = (search: string) =>
    advancedGroups(OPTIONS, search).flatMap((group) => group.options.map((o) => o.name));
  expect(found("early stopping")).toContain("early_stopping_patience");
  expect(found("early_stopping_pat")).toEqual(["early_stopping_patience"]);
  expect(found("WEAK trials")).toEqual(["scheduler"]);
  expect(found("zebra")).toEqual([]);
});

test("a meaning speaks of no JSON", () => {
  expect(meaningWords(option("early_stopping_patience"))).toContain("none: never");
});

test("a default stands once: the form says it", () => {
  expect(option("target_score").meaning).toContain("Default: no target.");
  expect(meaningWords(option("target_score"))).not.toContain("Default");
  expect(defaultWords(option("target_score"))).toBe("none");
});

test("labels are words", () => {
  expect(label("sample_percentage")).toBe("Share of the training data");
  expect(["gpus_per_trial", "xla", "max_memory_mb", "runpod_timeout_s"].map(label)).toEqual([
    "GPUs per trial",
    "XLA",
    "Max memory",
    "RunPod timeout",
  ]);
});

test("names are added at the end and taken out again", () => {
  expect(withName("", "val_loss")).toBe("val_loss");
  expect(withName("val_accuracy", "parameter_count")).toBe("val_accuracy, parameter_count");
  expect(withName("[val_accuracy,parameter_count]", "val_accuracy")).toBe("parameter_count");
  expect(namesIn(["val_accuracy", "overall_health"])).toEqual(["val_accuracy", "overall_health"]);
});
