import { expect, test } from "vitest";
import { durationText, seconds, understood, unitOf } from "./specDuration";

test("durations as people type them", () => {
  expect(
    ["90", "90 s", "15 min", "1.5 h", "1 h 30 min", "2h", "1 day", "1,5 hours", "1e3"].map((text) => seconds(text)),
  ).toEqual([90, 90, 900, 5400, 5400, 7200, 86400, 5400, 1000]);
  expect(["1h30", "1 h 30", "1:30", "1:30:15", "2 weeks", "1d12", "5 min 30"].map((text) => seconds(text))).toEqual([
    5400, 5400, 5400, 5415, 1_209_600, 129_600, 330,
  ]);
});

test("a bare number is minutes in a time limit, and seconds in fields that show seconds", () => {
  expect(seconds("15", unitOf("time_budget_s"))).toBe(900);
  expect(seconds("300", unitOf("runpod_timeout_s"))).toBe(300);
  expect(seconds("15 s", "min")).toBe(15);
});

test("what is no duration is null", () => {
  expect(["", "soon", "5 fortnights", "30 s 5", "min", "-5 min", "1:75"].map((text) => seconds(text))).toEqual(
    Array(7).fill(null),
  );
});

test("a duration is read back without loss", () => {
  for (const value of [1, 59, 60, 61, 900, 3600, 5400, 90061, 0.5, 1e6])
    for (const bare of ["min", "s"] as const) expect(seconds(durationText(value), bare)).toBe(value);
  expect(durationText(5400)).toBe("1 h 30 min");
});

test("what was understood is said where it does not go without saying", () => {
  expect(understood("15", "min")).toBe("15 min");
  expect(understood("1:30", "min")).toBe("1 h 30 min");
  expect(understood("90 min", "min")).toBe("1 h 30 min");
  expect(understood("15 min", "min")).toBe(null);
  expect(understood("15min", "min")).toBe(null);
  expect(understood("soon", "min")).toBe(null);
});
