import { describe, expect, it } from "vitest";
import { ranked } from "./search";
import { bestSoFar, modeWords, shownStatus, studyWords } from "./studies";

describe("the words of a study", () => {
  it("tell cancelling and cancelled apart", () => {
    const cancel_requested_at = "2026-11-29T12:00:00Z";
    expect(shownStatus({ status: "running", cancel_requested_at })).toBe("cancelling");
    expect(shownStatus({ status: "cancelled", cancel_requested_at })).toBe("cancelled");
    expect(shownStatus({ status: "running", cancel_requested_at: null })).toBe("running");
  });

  it("name a mode as the form for a new search does", () => {
    expect(modeWords("health")).toBe("Accuracy + model health");
  });

  it("say what the line of best values shows", () => {
    const point = (accuracy: number) => ({ objective: 0, performance: { accuracy } });
    expect(bestSoFar([point(0.91), point(0.974)])).toEqual({
      values: [0.91, 0.974],
      title: "Best accuracy so far: from 91.0\u00a0% to 97.4\u00a0%",
    });
    expect(bestSoFar([]).title).toBe("Best accuracy so far: N/A");
    expect(bestSoFar([point(0.91), point(0.974)], true).title).toBe("Best accuracy: from 91.0\u00a0% to 97.4\u00a0%");
  });

  it("count the trials alone if the time ended the study", () => {
    const progress = { trials_performed: 6, total_trials: 1000, best_accuracy: 0.9, eta: null, elapsed_time: 143 };
    const words = (reason: string) =>
      studyWords({ status: "completed", reason, test_accuracy: 0.9, progress } as Parameters<typeof studyWords>[0]);
    expect(words("time budget of 120 s used up")).toMatchObject({ progress: "6 trials", share: 1 });
    expect(words("all trials done")).toMatchObject({ progress: "6 of 1,000 trials", share: 0.006 });
  });

  it("tell how much of a time budget is used, not how many trials there may be", () => {
    const progress = { trials_performed: 6, total_trials: 1000, best_accuracy: 0.9, eta: 30, elapsed_time: 95 };
    const study = { reason: null, cancel_requested_at: null, test_accuracy: null };
    const words = (status: string, eta: number | null) => {
      const job = { ...study, status, progress: { ...progress, eta } };
      return studyWords(job as unknown as Parameters<typeof studyWords>[0], 120);
    };
    expect(words("running", 30)).toMatchObject({
      progress: "6 trials",
      share: 0.75,
      time: "About 30 s of 2 min left",
    });
    expect(words("cancelled", null)).toMatchObject({ progress: "6 trials", time: "Took 1 min 35 s" });
  });
});

describe("the search", () => {
  const all = [
    { id: "1", label: "digits-20261129", group: "Study" },
    { id: "2", label: "New search", group: "Page" },
    { id: "3", label: "All studies", group: "Page", words: "home" },
  ];

  it("puts a label that begins with the query first", () => {
    expect(ranked(all, "s").map((one) => one.id)).toEqual(["2", "3", "1"]);
    expect(ranked(all, "dig")[0]?.id).toBe("1");
  });

  it("finds by other words and by letters in order, and nothing else", () => {
    expect(ranked(all, "home").map((one) => one.id)).toEqual(["3"]);
    expect(ranked(all, "dg29")[0]?.id).toBe("1");
    expect(ranked(all, "xyz")).toEqual([]);
    expect(ranked(all, "")).toHaveLength(3);
  });
});
