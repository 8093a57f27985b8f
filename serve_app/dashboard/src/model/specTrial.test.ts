import { expect, test } from "vitest";
import { commandOf } from "./specCommand";
import { EMPTY, specOf, withValue } from "./specDraft";
import { OPTIONS } from "./specSample";
import { ofTrial } from "./specTrial";

test("a trial once more is a study of one network with its values", () => {
  const study = withValue(withValue(EMPTY, "dataset", "mnist"), "time_budget_s", "15 min");
  const spec = specOf(ofTrial(study, { learning_rate: 0.00123, optimizer: "adam", augmentation: false }), OPTIONS);
  expect(spec).toEqual({
    dataset: "mnist",
    trials: 1,
    space: { learning_rate: 0.00123, optimizer: "adam", augmentation: false },
  });
  expect(commandOf(spec, OPTIONS)).toBe(
    "tuner run dataset=mnist trials=1 space.learning_rate=0.00123 space.optimizer=adam space.augmentation=false",
  );
});

test("choices that were narrowed before give way to the one value", () => {
  const study = { ...EMPTY, space: { batch_size: { values: "32, 64", prior: "32" } } };
  expect(specOf(ofTrial(study, { batch_size: 64 }), OPTIONS).space).toEqual({ batch_size: 64 });
});
