import { expect, test } from "vitest";
import { overBudgetText, type StudyForTiles, scoreMeaning, tiles, times } from "./tiles";

const nothing: StudyForTiles = {
  id: "digits",
  status: "running",
  mode: "simple",
  objectives: ["val_accuracy"],
  best_trial_number: null,
  progress: {
    trials_performed: 0,
    total_trials: 40,
    running_trials: 0,
    failed_trials: 0,
    pruned_trials: 0,
    rejected_trials: 0,
    best_accuracy: null,
    best_total_score: null,
    average_duration_per_trial: null,
    elapsed_time: 3,
    eta: null,
  },
};

test("a study without a result has values that say so", () => {
  expect(tiles(nothing).map(({ value, note }) => `${value}: ${note}`)).toEqual([
    "0 of 40: none yet",
    "N/A: no complete epoch yet",
    "N/A: no complete epoch yet",
    "N/A: no trial has ended yet",
  ]);
  expect(times(nothing)).toEqual([
    { label: "Elapsed", value: "3.0 s" },
    { label: "Time left", value: "known after the first trial" },
  ]);
});

test("the score says what it is made of", () => {
  expect(scoreMeaning("simple", 1)).toBe("the accuracy: health is not measured");
  expect(scoreMeaning("health", 0.7)).toBe("70\u00a0% accuracy, 30\u00a0% health");
  expect(scoreMeaning("health", null)).toBe("accuracy and health together");
});

test("what is complete is counted until all trials are", () => {
  const note = (trials_performed: number) =>
    tiles({ ...nothing, progress: { ...nothing.progress, trials_performed } })[0]?.note;
  expect(note(4)).toBe("4 complete");
  expect(note(40)).toBe("all complete");
});

test("a time budget hides the most trials, and trials cancelled with their study are counted apart", () => {
  const study = { ...nothing, status: "completed", progress: { ...nothing.progress, trials_performed: 6 } };
  const shown = (cancelled: number) => tiles(study, null, { timed: true, cancelled })[0];
  expect(shown(0)).toMatchObject({ value: "6", note: "6 complete" });
  expect(shown(1)).toMatchObject({ value: "6", note: "6 complete, and 1 more that was cancelled" });
  expect(shown(2)?.note).toBe("6 complete, and 2 more that were cancelled");
});

test("it says what took longer than the time budget", () => {
  const after = (elapsed_time: number, status = "completed", budgetS: number | null = 120) =>
    overBudgetText({ ...nothing, status, progress: { ...nothing.progress, elapsed_time } }, budgetS);
  expect(after(143)).toBe(
    "The search had 2 min. Starting it, saving the best model and drawing the figures took 23 s.",
  );
  expect(after(100)).toBe(null);
  expect(after(143, "running")).toBe(null);
  expect(after(143, "completed", null)).toBe(null);
  expect(after(266)).toBe(null); // it was resumed: each run has the whole budget
});

test("a score that another trial may beat is called that of the best trial", () => {
  const labels = (mode: string, ...objectives: string[]) =>
    tiles({ ...nothing, mode, objectives, best_trial_number: 2 })
      .slice(1, 3)
      .map(({ label }) => label);
  expect(labels("simple", "val_accuracy")).toEqual(["Best accuracy", "Best total score"]);
  expect(labels("pareto", "val_accuracy", "overall_health")).toEqual(["Best accuracy", "Total score of trial 2"]);
  expect(labels("health", "total_score")).toEqual(["Accuracy of trial 2", "Best total score"]);
});

test("outcomes are counted", () => {
  const progress = {
    ...nothing.progress,
    trials_performed: 12,
    running_trials: 2,
    pruned_trials: 3,
    failed_trials: 1,
    eta: 90,
  };
  const study = { ...nothing, best_trial_number: 3, progress };
  expect(tiles(study)[0]?.note).toBe("2 training · 3 stopped early · 1 failed or diverged");
  expect(times(study)[1]?.value).toBe("about 1 min 30 s");
  expect(times({ ...study, status: "completed" })).toHaveLength(1);
});
