import { expect, test } from "vitest";
import { inPercent } from "./serverText";

test("shares are in percent, as everywhere on the pages", () => {
  expect(inPercent("target reached: val_accuracy 0.9757")).toBe("target reached: validation accuracy 97.6\u00a0%");
  expect(inPercent("validation accuracy 0.9757 not improved since epoch 3, loss rises")).toBe(
    "validation accuracy 97.6\u00a0% not improved since epoch 3, loss rises",
  );
  expect(inPercent("It reached an accuracy of 0.9757.")).toBe("It reached an accuracy of 97.6\u00a0%.");
  expect(inPercent("its total_score 1.0000 was the best")).toBe("its total score 100.0\u00a0% was the best");
});

test("other numbers stay as they are", () => {
  for (const text of ["loss 0.1234", "learning_rate 0.001", "accuracy 97.6 %", "val_accuracy is missing", "0.5"])
    expect(inPercent(text)).toBe(text);
});
