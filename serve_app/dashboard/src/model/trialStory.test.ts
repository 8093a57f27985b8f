import { describe, expect, it } from "vitest";
import { exampleTrial } from "./trialExample";
import { failureOf, othersSentence } from "./trialFailure";
import { howItWent, monitored, rankOf, whyChosen, whyEnded } from "./trialStory";

const curve = [
  { epoch: 6, train_accuracy: 0.98, val_accuracy: 0.96 },
  { epoch: 7, train_accuracy: 0.99, val_accuracy: 0.9 },
];

describe("the story of a trial", () => {
  it("explains every method of suggestion", () => {
    for (const method of ["warm_start", "portfolio", "space_filling", "gaussian_process", "gp", "pbt", "grid"]) {
      expect(whyChosen(exampleTrial({ suggested_by: method }))).not.toContain("suggested by");
    }
    expect(whyChosen(exampleTrial({ suggested_by: "my_sampler" }))).toBe("It was suggested by my sampler.");
    expect(whyChosen(exampleTrial({ suggested_by: null }))).toContain("not recorded");
  });

  it("says how far it came, its best epoch, the learning gap and its place", () => {
    expect(howItWent(exampleTrial(), curve, { place: 3, of: 40 }, 0.1)).toEqual([
      "It trained 9 of at most 14 epochs in 1 min 12 s.",
      "Its best epoch was epoch 7: validation accuracy 97.4\u00a0%, loss 0.103.",
      "Training accuracy was 9.0 percentage points above validation accuracy, a sign of overfitting.",
      "It is number 3 of 40 trials.",
    ]);
  });

  it("says that a network hardly learned", () => {
    const guesses = exampleTrial({ performance: { accuracy: 0.12, loss: 2.3, total_score: 0.12 } });
    expect(howItWent(guesses, curve, null, 0.1)[2]).toBe(
      "That is hardly better than always answering the most frequent class, 10.0\u00a0%: it had learned almost nothing.",
    );
    expect(howItWent(guesses, curve, null, null)[2]).toContain("Training accuracy");
  });

  it("does not say so of one that learned something", () => {
    const learned = (accuracy: number) => exampleTrial({ performance: { accuracy, loss: 2.1, total_score: 0.4 } });
    const told = (accuracy: number, majority: number) => howItWent(learned(accuracy), curve, null, majority).join(" ");
    expect(told(0.306, 0.113)).not.toContain("hardly better");
    expect(told(0.12, 0.113)).toContain("hardly better");
    expect(told(0.53, 0.52)).toContain("hardly better");
    expect(told(0.012, 0.01)).toContain("hardly better");
    expect(told(0.03, 0.01)).not.toContain("hardly better");
  });

  it("names which accuracy was the higher one", () => {
    const told = (train_accuracy: number, val_accuracy: number) =>
      howItWent(exampleTrial(), [{ epoch: 7, train_accuracy, val_accuracy }], null, null)[2];
    expect(told(0.571, 0.744)).toBe(
      "Validation accuracy was 17.3 percentage points above training accuracy, as is usual with dropout or augmentation and in the first epochs.",
    );
    expect(told(0.97, 0.982)).toBe("Validation accuracy was 1.2 percentage points above training accuracy.");
    expect(told(0.98, 0.97)).toBe("Training accuracy was 1.0 percentage points above validation accuracy.");
    expect(told(0.98, 0.98)).toBe("Training and validation accuracy were equal.");
  });

  it("says of a running trial only what is known", () => {
    const running = exampleTrial({ status: "running", epochs_trained: 0, performance: null, best_epoch: null });
    expect(howItWent(running, [], null, 0.1)).toEqual(["It has not finished an epoch yet."]);
    expect(howItWent(running, curve, { place: 1, of: 3 }, null)[0]).toBe(
      "It has trained 7 of at most 14 epochs so far.",
    );
    expect(whyEnded(running, null, "val_accuracy")).toBeNull();
  });

  it("names the number by which a pruned trial lost, and the threshold", () => {
    const pruned = exampleTrial({ status: "pruned", cause: "pruned", epochs_trained: 3 });
    const stop = { scheduler: "asha", rung: 2, value: 0.81, cutoff: 0.864, rank: 7, of: 9 };
    expect(whyEnded(pruned, stop, "val_accuracy")).toBe(
      "ASHA stopped it after epoch 3 (rung 2): its val_accuracy 81.0\u00a0% was below the threshold 86.4\u00a0%. " +
        "It was number 7 of 9 trials there.",
    );
    expect(whyEnded(pruned, { ...stop, scheduler: "median", rung: null }, "val_loss")).toContain(
      "The median rule stopped it after epoch 3: its best val_loss 0.810 was above the threshold 0.864.",
    );
  });

  it("gives the recorded reason as a sentence otherwise", () => {
    expect(whyEnded(exampleTrial({ reason: "early stopping: no better val_loss since epoch 4" }), null, "x")).toBe(
      "Early stopping: no better val_loss since epoch 4.",
    );
    expect(whyEnded(exampleTrial({ reason: null, cause: null }), null, "x")).toBe("The reason was not recorded.");
  });

  it("compares trials after epochs by what has a value then", () => {
    expect(monitored(["val_loss", "parameter_count"])).toBe("val_loss");
    expect(monitored(["training_time"])).toBe("val_accuracy");
  });

  it("ranks by the first objective in its direction", () => {
    const trials = [1, 2, 3].map((number) => exampleTrial({ number, objective: number / 10 }));
    expect(rankOf(trials, 3, "val_accuracy")).toEqual({ place: 1, of: 3 });
    expect(rankOf(trials, 3, "val_loss")).toEqual({ place: 3, of: 3 });
    expect(rankOf([...trials, exampleTrial({ number: 4, objective: null })], 4, "val_loss")).toBeNull();
  });
});

describe("the failure of a trial", () => {
  const failed = (number: number, cause = "error") => exampleTrial({ number, status: "failed", cause });

  it("shows the last lines, a remedy, and how many others failed so", () => {
    const error = `Traceback:\n\n${Array.from({ length: 20 }, (_, line) => `line ${line}`).join("\n")}\nValueError: no\n`;
    const failure = failureOf(failed(1), error, [failed(1), failed(2), failed(3, "out_of_memory"), failed(4)]);
    expect(failure?.lines).toHaveLength(8);
    expect(failure?.lines.at(-1)).toBe("ValueError: no");
    expect(failure?.remedy).toContain("traceback");
    expect(failure?.others).toBe(2);
    expect(failure && othersSentence(failure, "failed")).toBe("2 others failed for the same reason");
  });

  it("is none of a trial that did not fail, and names one other alone", () => {
    expect(failureOf(exampleTrial(), "text", [])).toBeNull();
    expect(othersSentence({ lines: [], remedy: null, others: 0 }, "failed")).toBeNull();
    expect(othersSentence({ lines: [], remedy: null, others: 1 }, "rejected")).toBe(
      "1 other was rejected for the same reason",
    );
  });
});
