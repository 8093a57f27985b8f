import { expect, test } from "vitest";
import { allowedWords, fieldWords } from "./specAllowed";
import { option } from "./specSample";

test("a number field says what to type", () => {
  expect(allowedWords(option("trials"))).toBe("A whole number from 1 to 100,000.");
  expect(allowedWords(option("concurrent_workers"))).toBe("A whole number from 1 to 1,000, or auto.");
  expect(allowedWords(option("early_stopping_patience"))).toBe("A whole number from 1 to 10,000, or none.");
  expect(allowedWords(option("max_parameters"))).toBe("A whole number of at least 1.");
  expect(allowedWords(option("sample_percentage"))).toBe("A number above 0, at most 1, or a percentage such as 50 %.");
  expect(allowedWords(option("validation_split"))).toBe("A number above 0, below 1, or a percentage such as 50 %.");
  expect(allowedWords(option("target_score"))).toBe("A number, or none.");
  expect(allowedWords(option("time_budget_s"))).toBe(
    "A time such as 15 min or 1 h 30 min, at most 11,574 days, or none.",
  );
  expect(allowedWords(option("runpod_timeout_s"))).toBe("A time such as 15 min or 1 h 30 min, at most 1 day.");
  expect(allowedWords(option("scheduler"))).toBe(null);
});

test("it takes the place of what the server's checks say of numbers, and of nothing else", () => {
  for (const message of [
    "must be a valid integer",
    "must be a valid integer, got a number with a fractional part",
    "must be greater than or equal to 1",
    "must be a valid number",
  ])
    expect(fieldWords(message, option("trials"))).toBe("A whole number from 1 to 100,000.");
  expect(fieldWords("no room for 20 trials", option("trials"))).toBe("no room for 20 trials");
  expect(fieldWords("must be a valid string", option("run_name"))).toBe("must be a valid string");
});
