import { describe, expect, test } from "vitest";
import { moreAccurate } from "./moreAccurate";
import { plainText } from "./sentence";
import { verdict } from "./verdict";

const study = {
  id: "handwriting",
  status: "completed",
  reason: null,
  mode: "health",
  objectives: ["total_score"],
  cancel_requested_at: null,
  best_trial_number: 3,
  best_objective: 0.9828,
  test_accuracy: 0.9769,
  baseline: null,
  progress: {
    trials_performed: 3,
    total_trials: 1000,
    running_trials: 0,
    completed_trials: 3,
    failed_trials: 0,
    pruned_trials: 0,
    best_accuracy: 0.9833,
    running: [],
  },
};

const trial = (number: number, accuracy: number, overall_health: number, status = "completed") =>
  [number, { number, status, performance: { accuracy }, overall_health }] as const;
const trials = new Map([trial(1, 0.9917, 0.92), trial(2, 0.9927, 0.88), trial(3, 0.9833, 0.98)]);

describe("a trial that is more accurate than the best one", () => {
  test("is named with its health, and the test data are those of the best one", () => {
    const rival = moreAccurate(study, trials);
    expect(plainText(verdict(study, null, { rival }))).toBe(
      "Trial 3 won with the highest total score, 98.3\u00a0%, and an accuracy of 98.3\u00a0%. " +
        "Trial 2 was more accurate (99.3\u00a0% of the validation samples), " +
        "but less healthy (88\u00a0% instead of 98\u00a0%). On test data trial 3 reaches 97.7\u00a0%.",
    );
    const running = moreAccurate({ ...study, status: "running" }, trials);
    expect(plainText(running === null ? [] : [running])).toMatch(/^Trial 2 is more accurate/);
  });

  test("is not named where the accuracy alone decides, or another objective", () => {
    expect(moreAccurate({ ...study, mode: "simple" }, trials)).toBe(null);
    expect(moreAccurate({ ...study, objectives: ["overall_health"] }, trials)).toBe(null);
  });

  test("is not named where the best one is the most accurate, or the trial is not done, or as healthy", () => {
    expect(moreAccurate({ ...study, best_trial_number: 2 }, trials)).toBe(null);
    const best = trial(3, 0.9833, 0.98);
    expect(moreAccurate(study, new Map([best, trial(4, 0.995, 0.5, "running")]))).toBe(null);
    expect(moreAccurate(study, new Map([best, trial(4, 0.995, 0.99)]))).toBe(null);
    expect(moreAccurate(study, new Map([best, trial(4, 0.98331, 0.9)]))).toBe(null);
  });
});
