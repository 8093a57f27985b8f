import { expect, test } from "vitest";
import { leftOutWords, modelChoices } from "./models";

const accuracyOf = (trial: number) => (trial === 4 ? null : 1 - trial / 10_000);
const many = Array.from({ length: 10_000 }, (_, place) => place + 1);

test("the winner comes first, then the most accurate ones", () => {
  const choices = modelChoices([1, 3, 4, 17], 17, 17, accuracyOf);
  expect(choices.map((one) => one.trial)).toEqual([17, 1, 3, 4]);
  expect(choices.map((one) => one.label.replaceAll("\u00a0", " "))).toEqual([
    "Trial 17 (best), 99.8 % accuracy",
    "Trial 1, 100.0 % accuracy",
    "Trial 3, 100.0 % accuracy",
    "Trial 4",
  ]);
  expect(leftOutWords(4, 4)).toBe(null);
});

test("of ten thousand models the best hundred are offered, and the shown one", () => {
  const choices = modelChoices(many, 5_000, 9_000, accuracyOf);
  expect(choices).toHaveLength(101);
  expect([choices[0]?.trial, choices[1]?.trial, choices.at(-1)?.trial]).toEqual([5_000, 1, 9_000]);
  expect(leftOutWords(10_000, 101)).toContain("101 of 10,000 kept models");
});
