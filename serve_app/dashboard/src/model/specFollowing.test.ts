import { expect, test } from "vitest";
import { followingNote } from "./specFollowing";
import { option } from "./specSample";

const limited = { time_budget_s: 900, trials: 1000, max_epochs_per_trial: 30, scheduler: "asha", run_name: "digits-1" };

test("a number that a time limit changed says so", () => {
  expect(followingNote(option("trials"), "", limited)).toBe(
    "Changed from 20 to 1,000 by the time limit: the time ends the search, not this number.",
  );
  expect(followingNote(option("max_epochs_per_trial"), "", limited)).toContain("from 10 to 30 by the time limit");
});

test("a default that the target changed says so", () => {
  expect(followingNote(option("scheduler"), "", { scheduler: "none" })).toBe(
    "Changed from asha to none by another setting.",
  );
  expect(followingNote(option("health_stop"), "", { health_stop: true })).toContain("from No to Yes");
});

test("nothing is said of the usual default, of a typed value and of what the server has not answered yet", () => {
  expect(followingNote(option("scheduler"), "", limited)).toBe(null);
  expect(followingNote(option("trials"), "50", limited)).toBe(null);
  expect(followingNote(option("trials"), "", {})).toBe(null);
  expect(followingNote(option("run_name"), "", limited)).toBe(null);
});
