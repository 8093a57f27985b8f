import { expect, test } from "vitest";
import { percentTick } from "./format";
import { roundEnds, roundSteps } from "./roundStep";

test("steps are 1, 2 or 5 times a power of ten", () => {
  expect(roundSteps(0.02).slice(0, 4)).toEqual([0.02, 0.05, 0.1, 0.2]);
  expect(roundSteps(0.021)[0]).toBe(0.05);
  expect(roundSteps(300)[0]).toBe(500);
});

test("ends are round, few steps apart, and stay the same when they are rounded again", () => {
  const ends = roundEnds(0.874, 0.9927, 5);
  expect(ends).toEqual({ low: 0.85, high: 1, step: 0.05 });
  expect(roundEnds(ends.low, ends.high, 5)).toEqual(ends);
  expect(roundEnds(2, 7, 10, true)).toEqual({ low: 2, high: 7, step: 1 });
  expect(roundEnds(-0.3, 0.9, 6)).toEqual({ low: -0.5, high: 1, step: 0.5 });
});

test("shares on an axis are exact", () => {
  const said = (share: number, step: number) => percentTick(share, step).replace("\u00a0", " ");
  expect([said(0.98, 0.02), said(0.975, 0.005), said(0.9925, 0.0005), said(0.5, 0.1)]).toEqual([
    "98 %",
    "97.5 %",
    "99.25 %",
    "50 %",
  ]);
});
