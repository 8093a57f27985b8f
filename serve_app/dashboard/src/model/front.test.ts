import { describe, expect, it } from "vitest";
import { type FrontTrial, frontOf } from "./front";
import { axisLabel, frontPicture, frontSentences, notDrawn, pointText } from "./frontPicture";
import { plainText } from "./sentence";

const BOTH = ["val_accuracy", "overall_health"];

function trial(number: number, accuracy: number, health: number | null, changes: Partial<FrontTrial> = {}): FrontTrial {
  return {
    number,
    status: "completed",
    objective: accuracy,
    overall_health: health,
    performance: { accuracy, loss: 1 - accuracy, total_score: accuracy },
    architecture: { total_parameters: number * 1000 },
    ...changes,
  };
}

const TRIALS = [
  trial(1, 0.95, 0.9),
  trial(2, 0.99, 0.94),
  trial(3, 0.979, 0.97),
  trial(4, 0.995, 0.99, { status: "pruned" }),
  trial(5, 0.97, 0.97),
  trial(6, 0.5, null, { status: "running" }),
];

describe("the front", () => {
  it("is of the completed trials that no other one beats", () => {
    expect([...frontOf(TRIALS, BOTH)]).toEqual([2, 3]);
    expect([...frontOf([...TRIALS, trial(7, 0.99, 0.94)], BOTH)]).toEqual([2, 7, 3]);
    expect(frontOf(TRIALS, ["val_accuracy"]).size).toBe(0);
  });

  it("takes smaller values of a cost as better, and keeps to constraints", () => {
    const costs = ["val_accuracy", "parameter_count"];
    expect([...frontOf(TRIALS, costs)]).toEqual([2, 1]);
    expect([...frontOf(TRIALS, costs, ["parameter_count<=1000"])]).toEqual([1]);
    expect([...frontOf(TRIALS, BOTH, ["val_accuracy >= 0.98"])]).toEqual([2]);
  });

  it("is the server's where the page lacks the values", () => {
    expect([...frontOf(TRIALS, ["val_accuracy", "inference_time"], [], [5, 1])]).toEqual([5, 1]);
    expect([...frontOf(TRIALS, BOTH, ["inference_time<=2"], [3])]).toEqual([3]);
  });
});

describe("its picture", () => {
  const picture = frontPicture(TRIALS, BOTH, frontOf(TRIALS, BOTH));
  if (picture === null) throw new Error("it can be drawn");

  it("has the first objective upwards, and the front above the others", () => {
    expect([picture.x, picture.y]).toEqual(["overall_health", "val_accuracy"]);
    expect(picture.points.map(({ number }) => number)).toEqual([1, 5, 2, 3]);
    expect(frontPicture(TRIALS, ["val_accuracy", "inference_time"], new Set())).toBeNull();
    expect(axisLabel("parameter_count")).toBe("Number of parameters (lower is better)");
  });

  it("is said in words, with links", () => {
    const sentences = frontSentences("digits", picture);
    expect(plainText(sentences)).toBe(
      "2 of 4 trials are on the Pareto front: trial 2 and trial 3. " +
        "To gain in one of validation accuracy and overall health, each of them would lose in another. " +
        "Trial 2 has the best validation accuracy, 99.0\u00a0%; its overall health is 94.0\u00a0%. " +
        "Trial 3 has the best overall health, 97.0\u00a0%; its validation accuracy is 97.9\u00a0%.",
    );
    expect(sentences[0]?.find(({ text }) => text === "trial 3")?.href).toBe("/s/digits?trial=3");
    const [point] = picture.front;
    expect(point && pointText(picture, point)).toBe(
      "Trial 2: validation accuracy 99.0\u00a0%, overall health 94.0\u00a0%, on the front",
    );
  });

  it("names a few of many, and the only one", () => {
    const many = Array.from({ length: 12 }, (_, place) => trial(place + 1, 0.8 + place / 100, 0.9 - place / 100));
    const drawn = frontPicture(many, BOTH, frontOf(many, BOTH));
    const rest = drawn && frontSentences("digits", drawn)[0]?.find(({ text }) => text === "4 more");
    expect(rest?.href).toBe("/s/digits/trials?front=1");
    const one = frontPicture(TRIALS.slice(0, 2), BOTH, new Set([2]));
    expect(one && plainText(frontSentences("digits", one))).toBe("Trial 2 is the best of 2 trials in both objectives.");
    const none = frontPicture([], BOTH, new Set());
    expect(none && plainText(frontSentences("digits", none))).toMatch(/^No trial is on the front yet/);
  });

  it("says which trials are not drawn", () => {
    const missing = notDrawn("digits", picture);
    expect(missing && plainText([missing])).toBe("2 of 6 trials are not drawn: 1 stopped early and 1 still training.");
  });
});
