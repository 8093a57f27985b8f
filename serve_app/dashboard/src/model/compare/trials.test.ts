import { describe, expect, it } from "vitest";
import { plainText } from "../sentence";
import { exampleTrial } from "../trialExample";
import { chanceText, mayBeChance } from "./chance";
import { readNames, readNumbers, toggledChoice, writeNames, writeNumbers } from "./chosen";
import { compareRows, parameterDifferences } from "./trialRows";
import { type Context, compareSentences } from "./trialSentences";

const CONTEXT: Context = {
  href: (number) => `?trial=${number}`,
  objective: "val_accuracy",
  samples: null,
  importance: null,
};
const good = exampleTrial({ number: 17 });
const worse = exampleTrial({
  number: 3,
  objective: 0.9531,
  performance: { accuracy: 0.9531, loss: 0.2, total_score: 0.9531 },
  hyperparameters: { optimizer: "sgd", learning_rate: 0.01, kernel_size: 3 },
});
const failed = exampleTrial({ number: 4, status: "failed", objective: null, performance: null, architecture: null });
const said = (trials: Parameters<typeof compareSentences>[0], more: Partial<Context> = {}) =>
  plainText(compareSentences(trials, { ...CONTEXT, ...more })).replaceAll("\u00a0", " ");

describe("the choice in the address", () => {
  it("keeps whole numbers from 1, each once, at most four", () => {
    expect(readNumbers("3,17,3, 5 ,0,-1,x,1.5,,8,9")).toEqual([3, 17, 5, 8]);
    expect(readNumbers(null)).toEqual([]);
    expect([writeNumbers([3, 17]), writeNumbers([])]).toEqual(["3,17", null]);
    expect(readNames("a, b,,a")).toEqual(["a", "b"]);
    expect(writeNames(["a", "b"])).toBe("a,b");
  });

  it("a fifth one is not taken", () => {
    expect(toggledChoice([1, 2], 3)).toEqual([1, 2, 3]);
    expect(toggledChoice([1, 2, 3, 4], 5)).toEqual([1, 2, 3, 4]);
    expect(toggledChoice([1, 2, 3, 4], 2)).toEqual([1, 3, 4]);
  });
});

describe("rows", () => {
  const rows = compareRows([worse, good, failed], false);
  const row = (key: string) => rows.find((one) => one.key === key);

  it("mark what differs and which value is best", () => {
    expect(row("accuracy")).toMatchObject({
      cells: ["95.3\u00a0%", "97.4\u00a0%", "N/A"],
      differs: true,
      best: [false, true, false],
    });
    expect(row("loss")?.best).toEqual([false, true, false]);
    expect(row("hp.kernel_size")).toMatchObject({ differs: false, best: [false, false, false] });
    expect(row("hp.optimizer")).toMatchObject({
      group: "Hyperparameters",
      cells: ["sgd", "adam", "adam"],
      differs: true,
    });
    expect(row("network.Parameters")).toMatchObject({ group: "Network", cells: ["123,456", "123,456", "N/A"] });
  });

  it("say each setting once: a line of the network is left out where its hyperparameter has a row", () => {
    const architecture = good.architecture && { ...good.architecture, kernel_size: 3 };
    const labels = (kernel: Record<string, number>) =>
      compareRows([{ ...good, architecture, hyperparameters: kernel }], false).map(({ label }) => label);
    expect(labels({ kernel_size: 3 }).filter((label) => label.startsWith("Kernel size"))).toEqual(["Kernel size"]);
    expect(labels({})).toContain("Kernel size (pixels)");
  });

  it("come in groups and have no cell without words", () => {
    expect([...new Set(rows.map(({ group }) => group))]).toEqual(["Results", "Hyperparameters", "Network", "Course"]);
    expect(rows.flatMap(({ cells }) => cells).filter((cell) => /NaN|null|undefined|^$/.test(cell))).toEqual([]);
  });
});

it("the most important difference comes first", () => {
  const names = (importance: Record<string, number> | null) =>
    parameterDifferences([worse, good], importance).differing.map(({ name }) => name);
  expect(names(null)).toEqual(["optimizer", "learning_rate"]);
  expect(names({ learning_rate: 0.6, optimizer: 0.1 })).toEqual(["learning_rate", "optimizer"]);
});

describe("sentences", () => {
  it("say which one is better, by how much, and in what they differ", () => {
    expect(said([worse, good])).toBe(
      "Trial 17 is better: its validation accuracy 97.4 % is 2.1 percentage points above that of trial 3. " +
        "They differ in 2 of 3 hyperparameters: optimizer (sgd and adam) and learning rate (0.01 and 0.00123).",
    );
    expect(said([worse, good], { importance: { learning_rate: 0.7 } })).toContain(
      "Of these, learning rate mattered most in this study.",
    );
  });

  it("a lower loss is better", () => {
    const low = { ...good, objective: 0.1 };
    expect(said([{ ...worse, objective: 0.3 }, low], { objective: "val_loss" })).toContain(
      "Trial 17 is better: its validation loss 0.100 is 0.200 below that of trial 3.",
    );
  });

  it("say what has no result, what is equal, and what may be chance", () => {
    expect(said([failed, good])).toContain(
      "Trial 17 is the only one with a result: validation accuracy 97.4 %. Trial 4 (failed) has no result.",
    );
    expect(said([failed])).toContain("None of these trials has a result yet.");
    const twin = { ...good, number: 18 };
    expect(said([good, twin])).toBe(
      "Trial 17 and trial 18 are equally good: validation accuracy 97.4 %. " +
        "All their hyperparameters are equal: what differs between them is chance.",
    );
    expect(said([good, { ...worse, objective: 0.97 }], { samples: 300 })).toContain(
      "With 300 validation samples, a difference of this size can be chance.",
    );
    expect(said([good, twin, worse])).toContain("equally good");
    expect(said([worse, good, { ...worse, number: 5, objective: 0.9 }])).toContain(
      "Trial 17 is the best of these three: its validation accuracy 97.4 % is 2.1 percentage points above that of trial 3, the next one.",
    );
  });
});

it("a difference is chance below two standard errors", () => {
  expect(mayBeChance(0.9, 0.91, 300)).toBe(true);
  expect(mayBeChance(0.9, 0.91, 100_000)).toBe(false);
  expect(mayBeChance(0.9, 0.5, 0)).toBe(false);
  expect(chanceText(0.9, 0.9, 300, "test")).toBe(null);
});
