import { describe, expect, test } from "vitest";
import { plainText } from "../sentence";
import { exampleTrial } from "../trialExample";
import type { TrialRecord } from "../trialRecord";
import { rungPlace, rungSentences, selectedLink, timelineSentences } from "./courseSentences";
import { bestSentence, driverSentence, problemSentences, problemsOf } from "./problems";
import { rungsOf } from "./rungs";
import { linearTicks, timelineOf } from "./timeline";

const START = Date.parse("2026-11-23T10:00:00Z");
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const ran = (number: number, from: number, to: number | null, changes: Partial<TrialRecord> = {}) =>
  exampleTrial({
    number,
    started_at: at(from),
    completed_at: to === null ? null : at(to),
    status: to === null ? "running" : "completed",
    ...changes,
  });

describe("the timeline", () => {
  const trials = [
    ran(1, 0, 50),
    ran(2, 0, 20),
    ran(3, 20.5, 40),
    ran(4, 80, 100),
    ran(5, 60, null),
    ran(6, 0, 100, { node: "other" }),
    exampleTrial({ number: 7, status: "rejected", started_at: null }),
  ];
  const line = timelineOf(trials, START + 100_000);
  test("has a row for each trial that ran at the same time on one machine", () => {
    expect(line.lanes.map(({ node, spans }) => [node, spans.map(({ number }) => number)])).toEqual([
      ["box", [1, 5]],
      ["box", [2, 3, 4]],
      ["other", [6]],
    ]);
    expect(line.missing).toBe(1);
  });
  test("knows the gaps, and how busy the workers were", () => {
    expect(line.lanes[1]?.gaps).toEqual([{ from: START + 40_000, to: START + 80_000, after: 3 }]);
    expect(line.busy).toBeCloseTo((50 + 40 + 20 + 19.5 + 20 + 100) / 300);
    expect(plainText(timelineSentences("s", line))).toBe(
      "3 trials at most ran at the same time. The workers were busy 83\u00a0% of 1 min 40 s. The longest idle time was 40 s, after trial 3.",
    );
  });
  test("of nothing is empty", () => {
    const none = timelineOf([exampleTrial({ started_at: null })], START);
    expect([none.lanes.length, none.busy]).toEqual([0, null]);
    expect(plainText(timelineSentences("s", none))).toBe("No trial has started.");
  });
  test("of ten thousand trials is fast", () => {
    const many = Array.from({ length: 10_000 }, (_, place) => ran(place + 1, place * 10, place * 10 + 35));
    const before = performance.now();
    expect(timelineOf(many, START).lanes.length).toBe(4);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
  test("has round times", () => {
    expect(linearTicks(100_000, 5)).toEqual([0, 30_000, 60_000, 90_000]);
    expect(linearTicks(0, 5)).toEqual([0]);
    expect(linearTicks(5 * 86_400_000, 3).length).toBeLessThan(5);
  });
});

describe("rungs", () => {
  const stop = (rung: number, value: number) => ({ scheduler: "asha", rung, value, cutoff: 0.8, rank: 3, of: 4 });
  const trials = [
    { number: 1, status: "completed", epochs_trained: 12, stopped_by: null },
    { number: 2, status: "pruned", epochs_trained: 3, stopped_by: stop(1, 0.7) },
    { number: 3, status: "pruned", epochs_trained: 9, stopped_by: stop(2, 0.75) },
    { number: 4, status: "pruned", epochs_trained: 3, stopped_by: stop(1, 0.6) },
    { number: 5, status: "failed", epochs_trained: 1, stopped_by: null },
  ];
  const known = [
    { number: 1, at: 3, unit: "epoch" as const },
    { number: 2, at: 9, unit: "epoch" as const },
  ];
  const curves = new Map([[1, { points: [[3, 0.9]] as [number, number][] }]]);
  const rungs = rungsOf(trials, known, curves);
  test("tell who arrived, who was stopped, and by which threshold", () => {
    expect(rungs.map(({ reached, stopped, cutoffs }) => [reached, stopped, cutoffs])).toEqual([
      [4, [2, 4], [0.8, 0.8]],
      [2, [3], [0.8, 0.8]],
    ]);
    expect(rungs[0]?.entries).toContainEqual({ number: 1, value: 0.9, known: true, stopped: false });
    expect(plainText(rungSentences("s", rungs, "asha", 5, "val_accuracy"))).toBe(
      "ASHA compared trials after epoch 3 and 9. It stopped 3 of 5 trials early, 2 of them after epoch 3, where the threshold was 80.0\u00a0%.",
    );
  });
  test("of an unknown place are named by their number", () => {
    const [first] = rungsOf(trials, null, curves);
    expect(first && [rungPlace(first), first.reached, first.entries.length]).toEqual(["rung 1", null, 3]);
    expect(plainText(rungSentences("s", rungsOf(trials, null, curves), "asha", 5, "val_accuracy"))).toContain(
      "early, 2 of them at rung 1, where",
    );
    expect(first?.entries).toContainEqual({ number: 1, value: 0.9, known: false, stopped: false });
    expect(rungsOf([], null, curves)).toEqual([]);
    expect(plainText(rungSentences("s", rungsOf([], known, curves), "asha", 0, "val_accuracy"))).toContain("none of 0");
  });
});

describe("training problems", () => {
  const finding = (name: string) => ({ name, epoch: 3, evidence: "41 % are dead", remedy: "Lower the rate." });
  const trials = [
    { number: 1, status: "completed", cause: null, reason: null, findings: [finding("dying_units")] },
    { number: 2, status: "completed", cause: null, reason: null, findings: [finding("dying_units")] },
    { number: 3, status: "failed", cause: "out_of_memory", reason: "no memory", findings: [] },
  ];
  const problems = problemsOf("s", trials);
  test("are counted, the most frequent first, with what helps", () => {
    expect(problems.map(({ name, trials: with_ }) => [name, with_.length])).toEqual([
      ["Dying units", 2],
      ["Failed: out of memory", 1],
    ]);
    expect(problems[0]?.remedy).toBe("Lower the rate.");
    expect(plainText(problemSentences("s", problems, 3))).toBe(
      "Most frequent: dying units, in 2 trials of 3. Then: failed: out of memory, in 1 trial.",
    );
    expect(plainText(problemSentences("s", [], 3))).toBe("No training problem was found in 3 trials.");
  });
  test("lead to exactly their trials", () => {
    expect(selectedLink("my study", [1, 2])).toBe("/s/my%20study/trials?trials=trial_number%3A1..2");
  });
  test("of the best trial, and what drives health", () => {
    const best = { trial_number: 4, advice: [{ about: "overfitting" }, { about: "overfitting" }] };
    expect(plainText([bestSentence("s", best) ?? []])).toBe("The best one, trial 4, has 1 problem: overfitting.");
    expect(plainText([bestSentence("s", { ...best, advice: [] }) ?? []])).toContain("has no training problem");
    const study = {
      drivers: { importance: { dropout: 0.3, learning_rate: 0.6 } },
      directions: { learning_rate: { rank_correlation: -0.8 } },
    };
    expect(plainText([driverSentence(study) ?? []])).toBe(
      "Health depends most on learning rate and dropout. Lower learning rate went with better health.",
    );
    expect(driverSentence({ drivers: { importance: null }, directions: {} })).toBeNull();
  });
});
