import { expect, test } from "vitest";
import {
  type Draft,
  EMPTY,
  jsonOf,
  restored,
  specOf,
  stored,
  typed,
  withNarrowing,
  withTarget,
  withValue,
} from "./specDraft";
import { OPTIONS, option } from "./specSample";

const set = (values: Record<string, string>, from: Draft = EMPTY) =>
  Object.entries(values).reduce((draft, [name, text]) => withValue(draft, name, text), from);

test("nothing typed is an empty spec: the server knows all defaults", () => {
  expect(specOf(EMPTY, OPTIONS)).toEqual({});
  expect(specOf(set({ trials: "8", trials_: "" }), OPTIONS)).toEqual({ trials: 8 });
  expect(specOf(set({ trials: "" }, set({ trials: "8" })), OPTIONS)).toEqual({});
});

test("texts become the values that their fields have", () => {
  const value = (name: string, text: string) => jsonOf(text, option(name), name);
  expect(value("trials", " 1,000 ")).toBe(1000);
  expect(value("time_budget_s", "15 min")).toBe(900);
  expect(value("time_budget_s", "15")).toBe(900);
  expect(value("time_budget_s", "1,000")).toBe(60_000);
  expect(value("time_budget_s", "none")).toBe(null);
  expect(value("sample_percentage", "50 %")).toBe(0.5);
  expect(value("target_score", "97.5%")).toBe(0.975);
  expect(value("trials", "50 %")).toBe("50 %");
  expect(value("time_budget_s", "50 %")).toBe("50 %");
  expect(value("validation_split", "2e-1")).toBe(0.2);
  expect(value("concurrent_workers", "auto")).toBe("auto");
  expect(value("concurrent_workers", "4")).toBe(4);
  expect(value("use_multi_gpu", "true")).toBe(true);
  expect(value("use_multi_gpu", "auto")).toBe("auto");
  expect(value("early_stopping_patience", "none")).toBe(null);
  expect(value("scheduler", "none")).toBe("none");
  expect(value("class_weight", "none")).toBe("none");
  expect(value("run_name", "007")).toBe("007");
  expect(value("image_size", "96")).toBe("96");
  expect(value("objective", "val_loss")).toBe("val_loss");
  expect(value("objective", "[val_accuracy, parameter_count]")).toEqual(["val_accuracy", "parameter_count"]);
  expect(value("constraints", "parameter_count<=200000")).toEqual(["parameter_count<=200000"]);
});

test("a text that is no value goes to the server as it is, which says what is wrong", () => {
  expect(jsonOf("many", option("trials"), "trials")).toBe("many");
  expect(jsonOf("a while", option("time_budget_s"), "time_budget_s")).toBe("a while");
});

test("each target keeps an objective of its own, and weights count only where health does", () => {
  const simple = set({ objective: "val_loss", accuracy_weight: "0.6" });
  const weighted = { ...simple, weights: { gradient_health: 1 } };
  expect(specOf(weighted, OPTIONS)).toEqual({ objective: "val_loss" });
  const health = withTarget(weighted, "health");
  expect(specOf(health, OPTIONS)).toEqual({
    mode: "health",
    accuracy_weight: 0.6,
    health_weights: { gradient_health: 1 },
  });
  const named = withValue(health, "objective", "total_score, parameter_count");
  expect(specOf(named, OPTIONS).objective).toEqual(["total_score", "parameter_count"]);
  expect(typed(withTarget(named, "simple"), "objective")).toBe("val_loss");
  expect(typed(withTarget(withTarget(named, "simple"), "health"), "objective")).toBe("total_score, parameter_count");
});

test("narrowed parameters are in the spec, emptied ones are not", () => {
  const draft = withNarrowing(EMPTY, "batch_size", { values: "32, 64" });
  expect(specOf(draft, OPTIONS)).toEqual({ space: { batch_size: [32, 64] } });
  expect(withNarrowing(draft, "batch_size", { values: "" })).toEqual(EMPTY);
});

test("a draft survives the tab's storage, and anything else there is no draft", () => {
  const draft = withNarrowing(set({ trials: "8" }), "dropout", { values: "0..0.3", prior: "0.1" });
  expect(restored(stored(draft))).toEqual(draft);
  for (const text of [null, "", "{", "[]", '{"values":{"trials":8},"space":{}}', '{"values":{},"space":{"x":1}}']) {
    expect(restored(text)).toBe(null);
  }
});
