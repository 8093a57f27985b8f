import { describe, expect, test } from "vitest";
import { exampleTrial } from "../trialExample";
import { filterTrials, isFiltered, NO_FILTER } from "../trialFilter";
import { readTrialView, writeNoFilter } from "../trialView";
import type { Axis } from "./axis";
import { conditionText, movedStretch, partsOf, stretchOf } from "./brush";
import { ofNumbers, readSelection, selects, withCondition, writeSelection } from "./selection";

const rate: Axis = {
  key: "hp.learning_rate",
  label: "Learning rate",
  scale: { kind: "number", low: 1e-4, high: 1e-1, log: true, whole: false },
  of: (trial) => trial.hyperparameters.learning_rate ?? null,
  write: String,
};
const optimizer: Axis = {
  key: "hp.optimizer",
  label: "Optimizer",
  scale: { kind: "choice", values: ["adam", "sgd", "rmsprop"] },
  of: (trial) => trial.hyperparameters.optimizer ?? null,
  write: String,
};
const trial = (number: number, hyperparameters: Record<string, string | number | boolean>, accuracy = 0.9) =>
  exampleTrial({ number, hyperparameters, objective: accuracy, performance: { accuracy, loss: 1, total_score: 0 } });

describe("in the address", () => {
  const texts = [
    "hp.learning_rate:0.001..0.01",
    "hp.optimizer:adam|sgd",
    "objective:0.9..",
    "hp.dropout:~|..0.2",
    "trial_number:3|7..9",
    "hp.name:a%3bb%7cc",
    "hp.learning_rate:0.001..0.01;hp.batch_normalization:true",
  ];
  for (const text of texts) {
    test(text, () => {
      expect(writeSelection(readSelection(text))).toBe(text);
    });
  }
  test("signs in a value are no signs of the address", () => {
    const selection = [{ key: "hp.name", parts: [{ kind: "value", text: "a;b|c..d~%" } as const] }];
    expect(readSelection(writeSelection(selection))).toEqual(selection);
  });
  test("what is no condition is left out", () => {
    expect(readSelection("nonsense;:1;hp.a:;hp.b:x..y;hp.c:1..")).toEqual([
      { key: "hp.c", parts: [{ kind: "range", low: 1, high: null }] },
    ]);
    expect(readSelection(null)).toEqual([]);
    expect(writeSelection([])).toBeNull();
  });
  test("numbers of trials become runs", () => {
    expect(writeSelection([ofNumbers([9, 3, 7, 8, 3])])).toBe("trial_number:3|7..9");
  });
});

describe("which trials it selects", () => {
  const trials = [
    trial(1, { optimizer: "adam", learning_rate: 0.001 }, 0.95),
    trial(2, { optimizer: "sgd", learning_rate: 0.01, dropout: 0.5 }, 0.9),
    trial(3, { optimizer: "rmsprop", learning_rate: 0.05, batch_normalization: true }, 0.8),
    { ...trial(4, { optimizer: "adam" }, 0.99), status: "running" as const },
  ];
  const found = (text: string) => trials.filter(selects(readSelection(text))).map(({ number }) => number);
  test("all conditions hold, of each any part", () => {
    expect(found("hp.optimizer:adam|sgd;hp.learning_rate:0.001..0.01")).toEqual([1, 2]);
    expect(found("hp.dropout:~;hp.optimizer:adam|rmsprop")).toEqual([1, 3, 4]);
    expect(found("hp.batch_normalization:true")).toEqual([3]);
    expect(found("trial_number:1|3..4")).toEqual([1, 3, 4]);
    expect(found("hp.learning_rate:..")).toEqual([1, 2, 3]);
    expect(found("unknown:1..2")).toEqual([]);
  });
  test("a running trial has no result yet", () => {
    expect(found("objective:0.9..")).toEqual([1, 2]);
    expect(found("accuracy:0.85..")).toEqual([1, 2]);
  });
  test("the list of trials shows the same ones, and can forget them", () => {
    const { filter } = readTrialView("?trials=hp.optimizer:adam");
    expect(isFiltered(filter)).toBe(true);
    expect(isFiltered(NO_FILTER)).toBe(false);
    expect(filterTrials(trials, filter).map(({ number }) => number)).toEqual([1, 4]);
    expect(writeNoFilter()).toMatchObject({ trials: null });
  });
});

describe("a brush", () => {
  test("on a logarithmic axis selects what lies in it, and covers it again", () => {
    const parts = partsOf(rate, [1 / 3, 2 / 3]);
    expect(writeSelection([{ key: rate.key, parts }])).toBe("hp.learning_rate:0.001..0.01");
    const stretch = stretchOf(rate, { key: rate.key, parts });
    expect(stretch?.[0]).toBeCloseTo(1 / 3, 6);
    expect(stretch?.[1]).toBeCloseTo(2 / 3, 6);
  });
  test("at the edge is open, in either direction, and takes whole numbers as they are", () => {
    expect(partsOf(rate, [1, 0.5])).toMatchObject([{ low: expect.closeTo(0.00316, 5), high: null }]);
    const whole: Axis = { ...rate, scale: { kind: "number", low: 1, high: 5, log: false, whole: true } };
    expect(partsOf(whole, [0.2, 0.6])).toEqual([{ kind: "range", low: 2, high: 3 }]);
    expect(partsOf(whole, [0.3, 0.4])).toEqual([]);
  });
  test("of choices selects those in it", () => {
    expect(partsOf(optimizer, [0, 0.6])).toEqual([
      { kind: "value", text: "adam" },
      { kind: "value", text: "sgd" },
    ]);
    expect(stretchOf(optimizer, { key: "x", parts: [{ kind: "value", text: "sgd" }] })).toEqual([1 / 3, 2 / 3]);
    expect(partsOf(optimizer, "absent")).toEqual([{ kind: "absent" }]);
    expect(stretchOf(optimizer, { key: "x", parts: [{ kind: "absent" }] })).toBe("absent");
    expect(stretchOf(optimizer, undefined)).toBeNull();
  });
  test("moves by keys, and stops at the ends", () => {
    expect(movedStretch(rate, null, "up", false, false)).toEqual([0.75, 1]);
    expect(movedStretch(rate, null, "down", false, false)).toEqual([0, 0.25]);
    expect(movedStretch(rate, [0, 0.25], "down", false, false)).toEqual([0, 0.25]);
    expect(movedStretch(rate, [0, 0.25], "down", false, true)).toBe("absent");
    expect(movedStretch(rate, "absent", "up", false, true)).toEqual([0, 0.25]);
    expect(movedStretch(rate, [0.5, 0.75], "up", true, false)).toEqual([0.45, 0.8]);
    expect(movedStretch(rate, [0.5, 0.55], "down", true, false)).toEqual([0.5, 0.55]);
    const [low, high] = movedStretch(optimizer, [0, 1 / 3], "up", false, false);
    expect(Number(low)).toBeCloseTo(1 / 3);
    expect(Number(high)).toBeCloseTo(2 / 3);
  });
  test("is said in words", () => {
    const text = (written: string, axis?: Axis) => readSelection(written).map((one) => conditionText(axis, one))[0];
    expect(text("hp.learning_rate:0.001..0.01", rate)).toBe("Learning rate 0.001 to 0.01");
    expect(text("hp.learning_rate:0.001..", rate)).toBe("Learning rate at least 0.001");
    expect(text("hp.learning_rate:~", rate)).toBe("Learning rate absent");
    expect(text("hp.optimizer:adam|sgd")).toBe("optimizer adam or sgd");
    expect(text("trial_number:1|2|3|4|5|6|7")).toBe("Trials 1, 2, 3, 4, 5, 2 more");
  });
  test("replaces the condition of its axis only", () => {
    const before = readSelection("hp.optimizer:adam;hp.learning_rate:0.1..");
    expect(writeSelection(withCondition(before, "hp.optimizer", []))).toBe("hp.learning_rate:0.1..");
    const after = withCondition(before, "hp.optimizer", [{ kind: "value", text: "sgd" }]);
    expect(writeSelection(after)).toBe("hp.learning_rate:0.1..;hp.optimizer:sgd");
  });
});
