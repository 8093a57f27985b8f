import { describe, expect, test } from "vitest";
import { plainText } from "./sentence";
import { verdict } from "./verdict";
import type { StudyForVerdict } from "./verdictInput";

type Changes = Partial<Omit<StudyForVerdict, "progress">> & { progress?: Partial<StudyForVerdict["progress"]> };

function study({ progress, ...changes }: Changes = {}): StudyForVerdict {
  return {
    id: "digits a",
    status: "running",
    reason: null,
    objectives: ["val_accuracy"],
    cancel_requested_at: null,
    best_trial_number: null,
    best_objective: null,
    test_accuracy: null,
    baseline: null,
    ...changes,
    progress: {
      trials_performed: 0,
      total_trials: 40,
      running_trials: 0,
      completed_trials: 0,
      failed_trials: 0,
      pruned_trials: 0,
      best_accuracy: null,
      running: [],
      ...progress,
    },
  };
}

const best = (changes: Changes = {}) =>
  study({
    best_trial_number: 17,
    best_objective: 0.974,
    ...changes,
    progress: { trials_performed: 40, best_accuracy: 0.974, ...changes.progress },
  });

const said = (of: StudyForVerdict, importance: Record<string, number> | null = null) =>
  plainText(verdict(of, { importance }));

describe("before there is a best trial", () => {
  test("it says what happens now", () => {
    expect(said(study({ status: "created" }))).toBe("The study starts: its process is being prepared.");
    expect(said(study())).toBe("The data set is being read and the first networks are chosen.");
    expect(said(study({ progress: { waiting_for: "a free GPU." } }))).toBe("The study waits for a free GPU.");
    const running = [{ trial_number: 1, epoch: 3, epochs: 14 }];
    expect(said(study({ progress: { running_trials: 2, running } }))).toBe(
      "2 trials are training. Trial 1 is in epoch 3 of 14. The first result comes at the end of an epoch.",
    );
  });

  test("an end without a result says why", () => {
    expect(said(study({ status: "failed", reason: "the data set has one class." }))).toBe(
      "The study failed: the data set has one class.",
    );
    const progress = { trials_performed: 5, failed_trials: 5 };
    expect(said(study({ status: "completed", progress }))).toBe("No trial has a result: 5 trials failed or diverged.");
    expect(said(study({ status: "cancelled" }))).toBe("The study was cancelled after 0 of 40 trials.");
  });
});

describe("with a best trial", () => {
  test("it names the leader, what decided and what was stopped early", () => {
    const text = said(best({ progress: { pruned_trials: 9, saved_s: 90 } }), { dropout: 0.2, learning_rate: 0.8 });
    expect(text).toBe(
      "Trial 17 leads with 97.4\u00a0%. Learning rate decided most. " +
        "9 of 40 trials were stopped early, which saved about 1 min 30 s.",
    );
  });

  test("with a time budget no time is saved, so it says what the trials would have taken", () => {
    const study = best({ progress: { pruned_trials: 3, saved_s: 165 } });
    expect(plainText(verdict(study, null, { timed: true }))).toContain(
      "stopped early; training them to the end would have taken about 2 min 45 s more.",
    );
  });

  test("its numbers are links", () => {
    const links = verdict(best({ progress: { pruned_trials: 1 } })).flatMap((one) =>
      one.flatMap((piece) => piece.href ?? []),
    );
    expect(links).toEqual([
      "/s/digits%20a?trial=17",
      "/s/digits%20a/network?trial=17",
      "/s/digits%20a/trials?status=pruned",
    ]);
  });

  test("other objectives have their own units", () => {
    expect(said(best({ objectives: ["total_score"], best_objective: 0.912 }))).toBe(
      "Trial 17 leads with a total score of 91.2\u00a0% and an accuracy of 97.4\u00a0%.",
    );
    expect(said(best({ objectives: ["parameter_count", "val_accuracy"], best_objective: 12345 }))).toBe(
      "Trial 17 leads with a number of parameters of 12,345 and an accuracy of 97.4\u00a0%. " +
        "The study also weighs validation accuracy.",
    );
  });

  test("a baseline that is better is said plainly", () => {
    const baseline = { name: "logistic regression over pixels", val_accuracy: 0.98, test_accuracy: 0.97 };
    expect(said(best({ baseline }))).toContain(
      "The baseline is still better: logistic regression over pixels reaches 98.0\u00a0%",
    );
    expect(said(best({ status: "completed", baseline, test_accuracy: 0.96 }))).toBe(
      "Trial 17 won with 97.4\u00a0% on validation data. The baseline wins: on test data logistic regression over pixels " +
        "reaches 97.0\u00a0%, the best network 96.0\u00a0%.",
    );
    expect(said(best({ status: "completed", baseline, test_accuracy: 0.975 }))).toContain(
      "On test data it reaches 97.5\u00a0%; the baseline, logistic regression over pixels, reaches 97.0\u00a0%.",
    );
  });

  test("the most trials are not named if a time budget decides", () => {
    const cancelled = best({ status: "cancelled", progress: { trials_performed: 6, total_trials: 1000 } });
    expect(plainText(verdict(cancelled, null, { timed: true }))).toMatch(/^The study was cancelled after 6 trials\. /);
  });

  test("cancelling and cancelled are told apart", () => {
    expect(said(best({ cancel_requested_at: "2026-11-29T10:00:00Z" }))).toMatch(/^Cancelling: .* Trial 17 leads/);
    expect(said(best({ status: "cancelled", progress: { trials_performed: 12 } }))).toMatch(
      /^The study was cancelled after 12 of 40 trials. Trial 17 was the best with 97.4\u00a0%/,
    );
  });
});
