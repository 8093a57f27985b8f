import { expect, test } from "vitest";
import { sameWeights, withWeight } from "./specWeights";

const six = { a: 0.25, b: 0.2, c: 0.15, d: 0.15, e: 0.15, f: 0.1 };
const percents = (weights: Record<string, number>) => Object.values(weights).map((weight) => Math.round(weight * 100));
const sum = (weights: Record<string, number>) => percents(weights).reduce((total, part) => total + part, 0);

test("the sum stays 1 wherever a slider goes", () => {
  for (const name of Object.keys(six)) {
    for (let share = 0; share <= 1; share += 0.01) expect(sum(withWeight(six, name, share))).toBe(100);
  }
});

test("the others keep their proportions", () => {
  expect(percents(withWeight(six, "a", 0.5))).toEqual([50, 13, 10, 10, 10, 7]);
  expect(percents(withWeight(six, "a", 0.25))).toEqual([25, 20, 15, 15, 15, 10]);
});

test("at the ends nothing is lost: all to one, and equal parts where the others have none", () => {
  const all = withWeight(six, "a", 1);
  expect(percents(all)).toEqual([100, 0, 0, 0, 0, 0]);
  expect(percents(withWeight(all, "a", 0.5))).toEqual([50, 10, 10, 10, 10, 10]);
  expect(percents(withWeight(six, "a", 7))).toEqual([100, 0, 0, 0, 0, 0]);
  expect(sum(withWeight(six, "a", -1))).toBe(100);
});

test("weights are compared by value", () => {
  expect(sameWeights(six, { ...six })).toBe(true);
  expect(sameWeights(six, withWeight(six, "f", 0.2))).toBe(false);
});
