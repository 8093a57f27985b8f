import { describe, expect, it } from "vitest";
import { plainText } from "../sentence";
import { type ComparedStudy, studyRows, studySentences } from "./studies";
import { bestSteps, type StudyCourse, stepsSentence } from "./studyCurves";

const CLASSES = [{ label: "0", train: 900, validation: 150, test: 300 }];

function study(id: string, changes: object = {}, spec: object = {}, progress: object = {}): ComparedStudy {
  return {
    id,
    status: "completed",
    dataset: "digits",
    objectives: ["val_accuracy"],
    started_at: "2026-11-29T10:00:00Z",
    completed_at: "2026-11-29T10:10:00Z",
    best_trial_number: 7,
    best: null,
    test_accuracy: 0.95,
    baseline: null,
    data: { kind: "image", samples: "8 x 8 pixels", classes: CLASSES, notes: [] },
    progress: {
      best_accuracy: 0.96,
      trials_performed: 12,
      elapsed_time: 600,
      average_duration_per_trial: 50,
      ...progress,
    },
    spec: { run_name: id, dataset: "digits", seed: 1, trials: 12, scheduler: "asha", loggers: [], ...spec },
    ...changes,
  } as unknown as ComparedStudy;
}

const said = (...studies: ComparedStudy[]) => plainText(studySentences(studies)).replaceAll("\u00a0", " ");

describe("rows", () => {
  const rows = studyRows([study("a"), study("b", { test_accuracy: 0.9 }, { trials: 1000, space: { units: [1, 2] } })]);
  const row = (label: string) => rows.find((one) => one.label === label);

  it("mark the better result, and the settings that differ", () => {
    expect(row("Test accuracy")).toMatchObject({
      cells: ["95.0\u00a0%", "90.0\u00a0%"],
      best: [true, false],
      differs: true,
    });
    expect(row("Best validation accuracy")).toMatchObject({ best: [false, false], differs: false });
    expect(row("Trials")).toMatchObject({ group: "Settings", cells: ["12", "1000"], differs: true });
    expect(row("Scheduler")?.differs).toBe(false);
    expect(row("Space: Units")).toMatchObject({ cells: ["N/A", "1, 2"] });
    expect(row("Loggers")?.cells).toEqual(["none", "none"]);
  });

  it("show no cell without words, and no result of the baseline on test data before the study was tested", () => {
    const cells = studyRows([study("a", { test_accuracy: null, baseline: { test_accuracy: 0.8, val_accuracy: 0.8 } })]);
    expect(cells.flatMap((one) => one.cells).filter((cell) => /NaN|null|undefined|^$/.test(cell))).toEqual([]);
    expect(cells.find((one) => one.label === "Baseline's test accuracy")?.cells).toEqual(["N/A"]);
  });
});

describe("sentences", () => {
  it("say which study found the better network on test data, and what may be chance", () => {
    expect(said(study("a"), study("b", { test_accuracy: 0.8 }))).toBe(
      "a found the better network: test accuracy 95.0 %, 15.0 percentage points above that of b.",
    );
    expect(said(study("a"), study("b", { test_accuracy: 0.94 }))).toContain(
      "With 300 test samples, a difference of this size can be chance.",
    );
    expect(said(study("a"), study("b"))).toContain("equally good");
  });

  it("use validation data while one is not tested, and say so", () => {
    const text = said(study("a", { test_accuracy: null }), study("b", {}, {}, { best_accuracy: 0.5 }));
    expect(text).toContain("a found the better network: validation accuracy 96.0 %");
    expect(text).toContain("a has no test result.");
  });

  it("say what makes a comparison unfair", () => {
    expect(said(study("a"), study("b", { dataset: "mnist" }))).toContain("different data sets");
    expect(said(study("a"), study("b", {}, { seed: 2 }))).toContain("judged by different samples: their seed differs.");
    expect(said(study("a"), study("b", { objectives: ["total_score"] }))).toContain(
      "validation accuracy and total score",
    );
    expect(said(study("a", { test_accuracy: null }, {}, { best_accuracy: null }))).toContain(
      "None of these studies has a result yet.",
    );
  });
});

describe("the best so far", () => {
  const course: StudyCourse = {
    id: "a",
    started_at: "2026-11-29T10:00:00Z",
    completed_at: "2026-11-29T10:10:00Z",
    performed: 12,
    bests: [
      { time: "2026-11-29T10:01:00Z", trial_number: 2, performance: { accuracy: 0.8 } },
      { time: "2026-11-29T10:03:00Z", trial_number: 1, performance: { accuracy: 0.9 } },
      { time: "2026-11-29T10:04:00Z", trial_number: 7, performance: null },
    ],
  };

  it("goes up in steps, and on to the end of the study", () => {
    expect(bestSteps(course, "time", 0)).toEqual([
      [60, 0.8],
      [180, 0.8],
      [180, 0.9],
      [600, 0.9],
    ]);
    expect(bestSteps(course, "trials", 0)).toEqual([
      [2, 0.8],
      [2, 0.8],
      [2, 0.9],
      [12, 0.9],
    ]);
  });

  it("of a running study goes on to now; without a start or a best one there is none", () => {
    const now = Date.parse("2026-11-29T10:05:00Z");
    expect(bestSteps({ ...course, completed_at: null }, "time", now).at(-1)).toEqual([300, 0.9]);
    expect(bestSteps({ ...course, started_at: null }, "time", now)).toEqual([]);
    expect(bestSteps({ ...course, bests: [] }, "trials", now)).toEqual([]);
  });

  it("is said in a sentence", () => {
    const curves = [
      { id: "a", steps: bestSteps(course, "time", 0) },
      { id: "b", steps: [] },
    ];
    expect(stepsSentence(curves, "time").replaceAll("\u00a0", " ")).toBe(
      "Highest validation accuracy of a leading trial: a 90.0 % after 3 min. b has no result yet.",
    );
    expect(stepsSentence([{ id: "b", steps: [] }], "trials")).toBe("None of these studies has a result yet.");
  });
});
