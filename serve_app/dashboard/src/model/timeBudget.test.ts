import { expect, test } from "vitest";
import { endedByTime, shareDone, trialsDone, usedUpText } from "./timeBudget";

test("a study that its time ended says so, any other does not", () => {
  const reason = "time budget of 120 s used up";
  expect(usedUpText({ status: "completed", reason })).toBe("Its time of 2 min is used up");
  expect(endedByTime({ status: "completed", reason })).toBe(true);
  expect(usedUpText({ status: "completed", reason: "all trials done" })).toBe(null);
  expect(usedUpText({ status: "completed", reason: null })).toBe(null);
  expect(usedUpText({ status: "running", reason })).toBe(null);
});

test("the most trials are not named if the time decides", () => {
  expect(trialsDone(6, 1000, false)).toBe("6 of 1,000 trials");
  expect(trialsDone(6, 1000, true)).toBe("6 trials");
  expect(trialsDone(1, 1000, true)).toBe("1 trial");
});

test("the share is that of the trials, or of the time", () => {
  const progress = { trials_performed: 6, total_trials: 1000, elapsed_time: 30, eta: null };
  expect(shareDone({ status: "completed", progress }, null)).toBe(0.006);
  expect(shareDone({ status: "running", progress: { ...progress, total_trials: 0 } }, null)).toBe(null);
  expect(shareDone({ status: "completed", progress }, 120)).toBe(1);
  expect(shareDone({ status: "running", progress: { ...progress, eta: 60 } }, 120)).toBe(0.5);
  expect(shareDone({ status: "cancelled", progress }, 120)).toBe(0.25);
});
