import { expect, test } from "vitest";
import { curvePicture, curveSentence, missingSentence, valueRange, whereStudyEnded } from "./curvePicture";
import { bestPoint, mergedCurves } from "./curves";
import { plainText } from "./sentence";

const stored = [
  { trial_number: 1, epochs: [1, 2], values: [0.5, 0.6] },
  { trial_number: 2, epochs: [1], values: [null] },
];
const epoch = (number: number, accuracy: number) => ({ epoch: number, val_accuracy: accuracy, val_loss: 1 });

test("what the feed tells continues what was stored", () => {
  const told = new Map([
    [1, [epoch(2, 0.65), epoch(3, 0.7)]],
    [3, [epoch(1, Number.NaN), epoch(2, 0.2)]],
  ]);
  const curves = mergedCurves(stored, told, "val_accuracy");
  expect(curves.get(1)?.points).toEqual([
    [1, 0.5],
    [2, 0.65],
    [3, 0.7],
  ]);
  expect(curves.get(2)?.points).toEqual([]);
  expect(curves.get(3)?.points).toEqual([[2, 0.2]]);
});

test("trials without news keep their points", () => {
  const before = mergedCurves(stored, new Map(), "val_accuracy");
  const after = mergedCurves(stored, new Map([[2, [epoch(1, 0.3)]]]), "val_accuracy", before);
  expect(after.get(1)).toBe(before.get(1));
  expect(after.get(2)).not.toBe(before.get(2));
});

const trials = [
  { number: 1, status: "completed" },
  { number: 2, status: "diverged" },
  { number: 3, status: "running" },
  { number: 4, status: "pruned", stopped_by: { rung: 3 } },
];
const curves = mergedCurves(
  [...stored, { trial_number: 4, epochs: [1, 2, 3], values: [0.1, 0.2, 0.3] }],
  new Map(),
  "val_accuracy",
);

test("pruned trials fade at their rung and what has no curve is said", () => {
  const picture = curvePicture(trials, curves, "val_accuracy", 1);
  expect(picture.drawn.map(({ number, best, faded, rung }) => [number, best, faded, rung])).toEqual([
    [4, false, true, 3],
    [1, true, false, null],
  ]);
  const said = missingSentence("digits", picture);
  expect(plainText(said ? [said] : [])).toBe("2 of 4 trials are not drawn: 1 diverged and 1 without an epoch yet.");
  // Whatever is read first.
  expect(missingSentence("digits", curvePicture(trials.toReversed(), curves, "val_accuracy", 1))).toEqual(said);
  expect(plainText([curveSentence("digits", picture, "val_accuracy")])).toBe(
    "2 curves. Highest: 60.0\u00a0%, trial 1 at epoch 2.",
  );
});

test("a tie names the best trial, and says that it is one", () => {
  const equal = mergedCurves(
    [
      { trial_number: 1, epochs: [1], values: [0.9901] },
      { trial_number: 3, epochs: [1, 2], values: [0.5, 0.9899] },
    ],
    new Map(),
    "val_accuracy",
  );
  const said = (best: number | null) =>
    plainText([curveSentence("digits", curvePicture(trials, equal, "val_accuracy", best), "val_accuracy")]);
  expect(said(3)).toBe(
    "2 curves, 1 still growing. Highest: 99.0\u00a0%, trial 3 at epoch 2; 1 other trial reached it too.",
  );
  expect(said(null)).toContain("trial 1 at epoch 1; 1 other");
});

test("of equal epochs the trial's best one is named", () => {
  const points = [
    [7, 0.9833],
    [9, 0.98],
    [10, 0.9833],
    [11, 0.9833],
  ] as const;
  expect(bestPoint(points, "val_accuracy", 10)).toEqual([10, 0.9833]);
  expect(bestPoint(points, "val_accuracy")).toEqual([7, 0.9833]);
  expect(bestPoint(points, "val_accuracy", 9)).toEqual([7, 0.9833]);
});

test("in a study that runs no more nothing trains", () => {
  const picture = curvePicture(whereStudyEnded(trials), curves, "val_accuracy", null);
  const said = missingSentence("digits", picture);
  expect(plainText(said ? [said] : [])).toContain("1 interrupted");
  expect(said?.find((piece) => piece.text === "1 interrupted")?.href).toBe("/s/digits?trial=3");
});

test("the curve of a cancelled trial, which does not count as performed, is told apart", () => {
  const cut = trials.map((trial) => (trial.number === 4 ? { number: 4, status: "cancelled" } : trial));
  const said = curveSentence("digits", curvePicture(cut, curves, "val_accuracy", 1), "val_accuracy");
  expect(plainText([said])).toContain("2 curves, 1 of a cancelled trial. Highest");
});

test("of many trials the best are drawn, and that is said", () => {
  const picture = curvePicture(trials, curves, "val_accuracy", null, 1);
  expect(picture.drawn.map((curve) => curve.number)).toEqual([1]);
  expect(picture.hidden).toBe(1);
  expect(plainText([missingSentence("digits", picture) ?? []])).toContain("1 more trial is left out");
});

test("one huge loss does not squeeze the others", () => {
  const usual = Array.from({ length: 20 }, (_, place) => ({ points: [[1, 1 + place / 20] as const] }));
  expect(valueRange(usual, "val_loss").cut).toBe(0);
  const range = valueRange([...usual, { points: [[1, 1e6] as const] }], "val_loss");
  expect(range.cut).toBe(1);
  expect(range.high).toBeLessThan(4);
  expect(valueRange([{ points: [[1, 1] as const] }], "val_accuracy").high).toBe(1);
  expect(valueRange([], "val_loss")).toEqual({ low: 0, high: 1, cut: 0 });
});
