import { describe, expect, it } from "vitest";
import { decidedLater, decidedLine } from "./decided";
import { type DirectionTrial, directions } from "./direction";

/** Twenty trials: a smaller batch is better, adam is better than sgd, and the layers do not matter. */
function trials(changes: Partial<DirectionTrial> = {}): DirectionTrial[] {
  return Array.from({ length: 20 }, (_, place) => {
    const optimizer = place % 2 === 0 ? "adam" : "sgd";
    const batch_size = 16 * (1 + ((place * 7) % 20));
    return {
      status: "completed",
      objective: 0.9 - batch_size / 2000 + (optimizer === "adam" ? 0.3 : 0) + (place % 3) / 1000,
      hyperparameters: { batch_size, optimizer, layers: 1 + (place % 3), epochs: 14 },
      ...changes,
    };
  });
}

describe("directions", () => {
  it("are found of numbers and of choices, and not where nothing shows", () => {
    const found = directions(trials(), false);
    expect(found.get("batch_size")).toEqual({ kind: "lower" });
    expect(found.get("optimizer")).toEqual({ kind: "choice", value: "adam" });
    expect(found.has("layers")).toBe(false);
    expect(found.has("epochs")).toBe(false);
  });

  it("turn round where a smaller objective is better", () => {
    const losses = trials().map((trial) => ({ ...trial, objective: Number(trial.hyperparameters.batch_size) }));
    expect(directions(losses, true).get("batch_size")).toEqual({ kind: "lower" });
    expect(directions(losses, false).get("batch_size")).toEqual({ kind: "higher" });
  });

  it("count a diverged trial as the worst, and leave out those that say nothing", () => {
    const rates = trials().map((trial, place) => ({
      ...trial,
      status: place >= 10 ? "diverged" : "completed",
      objective: place >= 10 ? null : 0.5,
      hyperparameters: { dropout: place / 20 },
    }));
    expect(directions(rates, false).get("dropout")).toEqual({ kind: "lower" });
    expect(directions(trials({ status: "failed", objective: null }), false).size).toBe(0);
    expect(directions(trials().slice(0, 9), false).size).toBe(0);
  });

  it("compare learning rates within one optimizer", () => {
    const rates = trials().map((trial, place) => {
      const optimizer = place % 2 === 0 ? "adam" : "sgd";
      const learning_rate = (optimizer === "adam" ? 0.0001 : 0.01) * (1 + place);
      return { ...trial, objective: -place, hyperparameters: { optimizer, learning_rate } };
    });
    expect(directions(rates, false).get("learning_rate")).toEqual({ kind: "lower" });
  });
});

describe("the texts beside the shares", () => {
  it("say the direction and the best trial's value", () => {
    expect(decidedLine({ kind: "lower" }, 32)).toBe("Lower values did better; the best trial has 32.");
    expect(decidedLine({ kind: "choice", value: "adam" }, "adam")).toBe(
      "Best on average with adam; the best trial has adam.",
    );
    expect(decidedLine(undefined, undefined)).toBe("No clear direction.");
  });

  it("say how to see it, where there are too few trials", () => {
    expect(decidedLater(8, 8, true)).toBe(
      "8 trials have a result. Search ten or more networks to see it: choose “More trials” above.",
    );
    expect(decidedLater(1, 40, false)).toBe("It is shown when 10 trials have a result. 1 trial has a result so far.");
    expect(decidedLater(0, 8, false)).toContain("This study searches 8 networks; it takes ten or more");
  });
});
