import { describe, expect, it } from "vitest";
import { exampleTrial } from "./trialExample";
import { chips, filterTrials, isFiltered, NO_FILTER, type TrialFilter } from "./trialFilter";
import type { TrialRecord } from "./trialRecord";

const trials: TrialRecord[] = [
  exampleTrial({ number: 1 }),
  exampleTrial({
    number: 2,
    status: "pruned",
    cause: "pruned",
    performance: { accuracy: 0.5, loss: 1, total_score: 0.5 },
  }),
  exampleTrial({ number: 3, status: "running", cause: null, hyperparameters: { optimizer: "sgd", batch_size: 17 } }),
  exampleTrial({
    number: 17,
    status: "failed",
    cause: "error",
    performance: null,
    architecture: null,
    duration_seconds: 3,
  }),
];

function numbers(changes: Partial<TrialFilter>): number[] {
  return filterTrials(trials, { ...NO_FILTER, ...changes }).map((trial) => trial.number);
}

describe("the filter of trials", () => {
  it("shows every trial without a condition", () => {
    expect(numbers({})).toEqual([1, 2, 3, 17]);
    expect(isFiltered(NO_FILTER)).toBe(false);
  });

  it("joins the chips of one group by or, groups by and", () => {
    expect(numbers({ status: ["pruned", "failed"] })).toEqual([2, 17]);
    expect(numbers({ status: ["pruned", "failed"], architecture: ["cnn"] })).toEqual([2]);
    expect(numbers({ cause: ["error"] })).toEqual([17]);
  });

  it("leaves out trials without a value where a range is set, with running ones", () => {
    expect(numbers({ accuracy: { min: 0.6, max: null } })).toEqual([1]);
    expect(numbers({ accuracy: { min: null, max: 0.5 } })).toEqual([2]);
    expect(numbers({ parameters: { min: 1, max: null } })).toEqual([1, 2, 3]);
    expect(numbers({ duration: { min: null, max: 10 } })).toEqual([17]);
  });

  it("finds a number exactly, in numbers and in values, and other words as parts", () => {
    expect(numbers({ text: "17" })).toEqual([3, 17]);
    expect(numbers({ text: "#17" })).toEqual([17]);
    expect(numbers({ text: "SGD" })).toEqual([3]);
    expect(numbers({ text: "adam  learning_rate=0.0012" })).toEqual([1, 2, 17]);
    expect(numbers({ text: "digits-2" })).toEqual([2]);
    expect(numbers({ text: "nothing" })).toEqual([]);
  });

  it("takes a word that is a whole value as this value only", () => {
    const adamw = exampleTrial({ number: 4, hyperparameters: { optimizer: "adamw" } });
    const found = (text: string) =>
      filterTrials([...trials, adamw], { ...NO_FILTER, text }).map((trial) => trial.number);
    expect(found("adam")).toEqual([1, 2, 17]);
    expect(found("adamw")).toEqual([4]);
    expect(found("ada")).toEqual([1, 2, 17, 4]);
  });

  it("keeps the order of the chips while a person types", () => {
    const many = [
      exampleTrial({ number: 1, cause: "error", hyperparameters: { optimizer: "sgd" } }),
      exampleTrial({ number: 2, cause: "all_epochs" }),
      exampleTrial({ number: 3, cause: "all_epochs" }),
    ];
    const names = (text: string) => chips(many, { ...NO_FILTER, text }, "cause").map(({ name }) => name);
    expect(names("")).toEqual(["all_epochs", "error"]);
    expect(names("sgd")).toEqual(["all_epochs", "error"]);
  });

  it("counts the trials of each chip under the other conditions", () => {
    const found = chips(trials, { ...NO_FILTER, status: ["running"], architecture: ["cnn"] }, "status");
    expect(found.map(({ name, count, chosen }) => [name, count, chosen])).toEqual([
      ["running", 1, true],
      ["completed", 1, false],
      ["pruned", 1, false],
      ["failed", 0, false],
    ]);
  });

  it("keeps a chosen chip that no trial has", () => {
    expect(chips(trials, { ...NO_FILTER, cause: ["timed_out"] }, "cause")).toContainEqual({
      name: "timed_out",
      label: "Timed out",
      count: 0,
      chosen: true,
    });
  });
});
