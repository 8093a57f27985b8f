import { describe, expect, it } from "vitest";
import { trialColumns } from "./trialColumns";
import { exampleTrial } from "./trialExample";
import { filterTrials, NO_FILTER } from "./trialFilter";
import type { TrialRecord } from "./trialRecord";
import { clicked, neighbours, readSort, sortTrials, writeSort } from "./trialSort";

const columns = trialColumns(false, ["learning_rate", "optimizer"]);
const scored = (accuracy: number) => ({ accuracy, loss: 1 - accuracy, total_score: accuracy });

function order(trials: TrialRecord[], sort: string): number[] {
  return sortTrials(trials, columns, readSort(sort)).map((trial) => trial.number);
}

describe("the order of trials", () => {
  const trials = [
    exampleTrial({ number: 1, performance: scored(0.9) }),
    exampleTrial({ number: 2, status: "running" }),
    exampleTrial({ number: 3, performance: scored(0.95), hyperparameters: { learning_rate: 0.1, optimizer: "sgd" } }),
    exampleTrial({ number: 4, performance: scored(0.9) }),
  ];

  it("puts trials without a value last in both directions, equal ones newest first", () => {
    expect(order(trials, "-accuracy")).toEqual([3, 4, 1, 2]);
    expect(order(trials, "accuracy")).toEqual([4, 1, 3, 2]);
  });

  it("sorts by hyperparameters and falls back to their numbers", () => {
    expect(order(trials, "-hp.learning_rate")[0]).toBe(3);
    expect(order(trials, "hp.optimizer").at(-1)).toBe(3);
    expect(order(trials, "no_such_column")).toEqual([1, 2, 3, 4]);
    expect(order(trials, "-trial_number")).toEqual([4, 3, 2, 1]);
  });

  it("turns at a second click and starts with the best end", () => {
    const accuracy = columns.find((column) => column.key === "accuracy");
    const loss = columns.find((column) => column.key === "loss");
    if (accuracy === undefined || loss === undefined) throw new Error("a column is missing");
    expect(writeSort(clicked(readSort(""), accuracy))).toBe("-accuracy");
    expect(writeSort(clicked(readSort("-accuracy"), accuracy))).toBe("accuracy");
    expect(writeSort(clicked(readSort("-accuracy"), loss))).toBe("loss");
  });

  it("names the neighbours of a trial", () => {
    expect(neighbours([4, 3, 1], 3)).toEqual({ before: 4, after: 1, place: 2, of: 3 });
    expect(neighbours([4, 3, 1], 4)).toEqual({ before: null, after: 3, place: 1, of: 3 });
    expect(neighbours([4, 3, 1], 9)).toEqual({ before: null, after: 4, place: null, of: 3 });
    expect(neighbours([], 9)).toEqual({ before: null, after: null, place: null, of: 0 });
  });

  it("filters and sorts 10,000 trials within 100 ms", () => {
    const many = Array.from({ length: 10_000 }, (_, number) =>
      exampleTrial({
        number,
        performance: scored((number * 7919) % 10_007),
        hyperparameters: { learning_rate: number },
      }),
    );
    const filter = { ...NO_FILTER, text: "learning_rate", accuracy: { min: 100, max: null } };
    let found: TrialRecord[] = [];
    const times = Array.from({ length: 7 }, () => {
      const begun = performance.now();
      found = sortTrials(filterTrials(many, filter), columns, readSort("-accuracy"));
      return performance.now() - begun;
    });
    expect(Math.min(...times)).toBeLessThan(100); // the fastest one: other processes slow down some of them
    expect(found.length).toBeGreaterThan(9_000);
  });
});
