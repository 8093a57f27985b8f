import { expect, test } from "vitest";
import { durationText, seconds } from "./specDuration";

test("durations as people type them", () => {
  expect(["90", "90 s", "15 min", "1.5 h", "1 h 30 min", "2h", "1 day", "1,5 hours", "1e3"].map(seconds)).toEqual([
    90, 90, 900, 5400, 5400, 7200, 86400, 5400, 1000,
  ]);
});

test("what is no duration is null", () => {
  expect(["", "soon", "5 weeks", "1 h 30", "min", "-5 min"].map(seconds)).toEqual([null, null, null, null, null, null]);
});

test("a duration is read back without loss", () => {
  for (const value of [1, 59, 60, 61, 900, 3600, 5400, 90061, 0.5, 1e6])
    expect(seconds(durationText(value))).toBe(value);
  expect(durationText(5400)).toBe("1 h 30 min");
});
