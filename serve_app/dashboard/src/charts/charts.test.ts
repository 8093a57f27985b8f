import { describe, expect, test } from "vitest";
import { pointText } from "./CurveReadout";
import { SERIES_COLORS, trialColor } from "./colors";
import { axisBounds, moved, movedAmongPoints, nearest, projection, yBounds } from "./geometry";
import { sparkPath } from "./sparkPath";
import { curveTable } from "./table";
import type { CurveSeries } from "./types";

const x = { label: "Epoch", format: String };
const y = { label: "Accuracy", format: (value: number) => `${value * 100}\u00a0%` };
const curve = (id: number, ...values: number[]): CurveSeries => ({
  id,
  label: `Trial ${id}`,
  color: "#000000",
  points: values.map((value, place) => [place + 1, value] as const),
});
const series = [curve(1, 0.1, 0.2, 0.3), curve(2, 0.5, 0.9)];

test("a trial keeps its colour, and neighbours differ", () => {
  expect(trialColor(1)).toBe(SERIES_COLORS[0]);
  expect(trialColor(8)).toBe(trialColor(1));
  expect(trialColor(2)).not.toBe(trialColor(1));
  expect(trialColor(0)).toBe(SERIES_COLORS[6]);
});

test("an axis has a length whatever its values", () => {
  expect(axisBounds([], x, 0)).toEqual({ low: 0, high: 1 });
  expect(axisBounds([3], { ...x, low: 3 }, 0)).toEqual({ low: 3, high: 4 });
  const one = axisBounds([0.5], y, 0.1);
  expect(one.high).toBeGreaterThan(one.low);
  expect(yBounds([curve(1, 0.2, 1)], { ...y, limits: [0, 1] }).high).toBe(1);
  expect(yBounds(series, { ...y, low: 0, high: 1 })).toEqual({ low: 0, high: 1, step: 0.2 });
  expect(yBounds(series, y, [{ value: 2, label: "baseline" }]).high).toBeGreaterThan(2);
});

test("no value lies beyond the last label of a vertical axis", () => {
  for (const values of [
    [0.8739, 0.9833],
    [0.92, 0.9927],
    [0.02, 2.31],
    [0.985, 0.986],
  ]) {
    const { low, high, step } = yBounds([curve(1, ...values)], y);
    expect(low).toBeLessThanOrEqual(Math.min(...values));
    expect(high).toBeGreaterThanOrEqual(Math.max(...values));
    for (const end of [low / step, high / step]) expect(end).toBeCloseTo(Math.round(end), 6);
  }
  expect(yBounds([curve(1, 0.93, 0.98)], y)).toEqual({ low: 0.92, high: 1, step: 0.02 });
});

test("the pointer finds the nearest curve, and its nearest point", () => {
  const toX = projection({ low: 1, high: 3 }, 0, 200);
  const toY = projection({ low: 0, high: 1 }, 100, 0);
  expect(nearest(series, toX, toY, { x: 190, y: 72 }, 20)).toEqual({ id: 1, index: 2 });
  expect(nearest(series, toX, toY, { x: 10, y: 48 }, 20)).toEqual({ id: 2, index: 0 });
  expect(nearest(series, toX, toY, { x: 190, y: 10 }, 20)).toBeNull();
});

describe("arrow keys", () => {
  test("the first one chooses the curve with the highest last value", () => {
    expect(moved(series, null, "ArrowDown")).toEqual({ id: 2, index: 1 });
  });
  test("they move along and across, and stop at the ends", () => {
    expect(moved(series, { id: 2, index: 1 }, "ArrowRight")).toEqual({ id: 2, index: 1 });
    expect(moved(series, { id: 2, index: 1 }, "ArrowDown")).toEqual({ id: 1, index: 2 });
    expect(moved(series, { id: 1, index: 2 }, "ArrowDown")).toEqual({ id: 1, index: 2 });
    expect(moved(series, { id: 1, index: 2 }, "Home")).toEqual({ id: 1, index: 0 });
    expect(moved(series, { id: 1, index: 0 }, "Escape")).toBeNull();
  });
  test("other keys, and empty charts, are left to the page", () => {
    expect(moved(series, null, "a")).toBeUndefined();
    expect(moved([], null, "ArrowUp")).toBeUndefined();
  });
});

test("arrow keys step among single points by their axis, and stop at the ends", () => {
  const point = (id: number, left: number, up: number): CurveSeries => ({ ...curve(id), points: [[left, up]] });
  const points = [point(1, 0.1, 0.9), point(2, 0.5, 0.2), point(3, 0.9, 0.5)];
  const at = (id: number) => ({ id, index: 0 });
  expect(movedAmongPoints(points, null, "ArrowLeft")).toEqual(at(3));
  expect(movedAmongPoints(points, at(2), "ArrowRight")).toEqual(at(3));
  expect(movedAmongPoints(points, at(3), "ArrowRight")).toEqual(at(3));
  expect(movedAmongPoints(points, at(3), "ArrowUp")).toEqual(at(1));
  expect(movedAmongPoints(points, at(3), "ArrowDown")).toEqual(at(2));
  expect(movedAmongPoints(points, at(3), "Home")).toEqual(at(1));
  expect(movedAmongPoints(points, at(3), "Escape")).toBeNull();
  expect(movedAmongPoints(points, at(3), "a")).toBeUndefined();
  expect(movedAmongPoints([], null, "ArrowUp")).toBeUndefined();
});

test("the table says what the curves show", () => {
  expect(curveTable(series, x, y)).toEqual({
    columns: ["Epoch", "Trial 1", "Trial 2"],
    rows: [
      { key: 1, cells: ["1", "10\u00a0%", "50\u00a0%"] },
      { key: 2, cells: ["2", "20\u00a0%", "90\u00a0%"] },
      { key: 3, cells: ["3", "30\u00a0%", "–"] },
    ],
    left: 0,
  });
  const many = Array.from({ length: 7 }, (_, place) => curve(place + 1, 0.5));
  const table = curveTable([...many, { ...curve(8), note: "diverged" }], x, y);
  expect(table.rows[0]?.cells).toEqual(["Trial 8", "–", "–", "–", "–", "diverged"]);
  expect(table.rows[1]?.cells).toEqual(["Trial 7", "1", "50\u00a0%", "50\u00a0%", "50\u00a0%", "–"]);
});

test("a point is said in words", () => {
  expect(pointText(series, x, y, { id: 2, index: 1 })).toBe("Trial 2, epoch 2: 90\u00a0%");
  expect(pointText(series, x, y, { id: 9, index: 1 })).toBe("");
});

test("a sparkline of nothing, of one value and of several", () => {
  expect(sparkPath([null], 96, 24)).toEqual({ path: "", end: null });
  expect(sparkPath([0.5], 96, 24)).toEqual({ path: "", end: { x: 93, y: 12 } });
  expect(sparkPath([0, null, 1], 96, 24).path).toBe("M3 21L93 3");
});
