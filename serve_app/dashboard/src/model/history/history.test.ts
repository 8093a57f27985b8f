import { describe, expect, it } from "vitest";
import { plainText } from "../sentence";
import {
  accuracyPoints,
  byDataset,
  datasetsOf,
  filterStudies,
  HISTORY_COLUMNS,
  type HistoryStudy,
  historyCells,
  historyRecord,
  historySentence,
  RECORD_COLUMNS,
  tagsOf,
} from "./history";

const NONE = { text: "", dataset: "", tag: "" };

function study(id: string, day: number, test: number | null, changes: object = {}): HistoryStudy {
  return {
    id,
    status: "completed",
    cancel_requested_at: null,
    dataset: "digits",
    mode: "simple",
    created_at: `2025-11-${String(day).padStart(2, "0")}T10:00:00Z`,
    test_accuracy: test,
    progress: { best_accuracy: test, trials_performed: 8, total_trials: 8 },
    ...changes,
  } as unknown as HistoryStudy;
}

const STUDIES = [
  study("b", 12, 0.9, { tags: ["small", "baseline"], note: "Only small networks." }),
  study("a", 10, 0.95, { tags: ["baseline"] }),
  study("m", 11, null, { dataset: "mnist", progress: { best_accuracy: null, trials_performed: 0, total_trials: 8 } }),
];
const names = (studies: readonly HistoryStudy[]) => studies.map(({ id }) => id);
const said = (...studies: HistoryStudy[]) =>
  plainText([historySentence({ dataset: "digits", studies })]).replaceAll("\u00a0", " ");

it("data sets come by their newest study, their studies by time", () => {
  expect(byDataset(STUDIES).map(({ dataset, studies }) => [dataset, names(studies)])).toEqual([
    ["digits", ["a", "b"]],
    ["mnist", ["m"]],
  ]);
});

it("studies are filtered by words, data set and tag", () => {
  expect(names(filterStudies(STUDIES, NONE))).toEqual(["b", "a", "m"]);
  expect(names(filterStudies(STUDIES, { ...NONE, tag: "baseline" }))).toEqual(["b", "a"]);
  expect(names(filterStudies(STUDIES, { ...NONE, dataset: "mnist" }))).toEqual(["m"]);
  expect(names(filterStudies(STUDIES, { ...NONE, text: "NETWORKS small" }))).toEqual(["b"]);
  expect(tagsOf(STUDIES)).toEqual([
    { name: "baseline", count: 2 },
    { name: "small", count: 1 },
  ]);
  expect(datasetsOf(STUDIES)[0]).toEqual({ name: "digits", count: 2 });
});

describe("the sentence", () => {
  it("says whether the latest study is better than those before it", () => {
    expect(said(study("a", 10, 0.95), study("b", 12, 0.9))).toMatch(
      /^2 studies since 10 Nov, .*\. The latest, b, is 5\.0 percentage points worse than the best before it, a: test accuracy 90\.0 % against 95\.0 %\.$/,
    );
    expect(said(study("a", 10, 0.9), study("b", 12, 0.95))).toContain("5.0 percentage points better");
    expect(said(study("a", 10, 0.9), study("b", 12, 0.9))).toContain("is as good as the best before it, a");
  });

  it("is short for one study, and says where there is no result", () => {
    expect(said(study("a", 10, 0.9))).toBe("a reached: test accuracy 90.0 %.");
    expect(said(STUDIES[2] as HistoryStudy)).toBe("No study has a result yet.");
    expect(said(study("a", 10, 0.9), study("b", 12, null))).toContain("Only a has a result: test accuracy 90.0 %.");
  });
});

it("points are those of studies with a value, at their place", () => {
  expect(accuracyPoints([study("a", 10, 0.9), study("b", 12, null), study("c", 13, 0.8)], "test")).toEqual([
    [1, 0.9],
    [3, 0.8],
  ]);
});

it("a study has a cell for each column, and no value that does not exist", () => {
  for (const one of STUDIES) {
    expect(historyCells(one).length).toBe(HISTORY_COLUMNS.length);
    expect(historyRecord(one).length).toBe(RECORD_COLUMNS.length);
    expect([...historyCells(one), ...historyRecord(one)].join(" ")).not.toMatch(/NaN|null|undefined/);
  }
  const progress = { best_accuracy: 0.9, trials_performed: 6, total_trials: 1000 };
  expect(historyCells(study("t", 10, 0.9, { progress }))[4]).toBe("6"); // most trials of a time budget
  expect(historyRecord(STUDIES[0] as HistoryStudy)).toContain("0.9");
});
