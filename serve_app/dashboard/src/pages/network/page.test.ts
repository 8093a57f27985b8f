import { describe, expect, it } from "vitest";
import { PLAIN } from "../../network/testNetworks";
import { defaultTrial, trialChoices } from "./choices";
import { layerEpochs, layerFacts, networkFacts, networkVerdict } from "./facts";

const trial = (number: number, score: number | null, built = true) => ({
  number,
  status: score === null ? "running" : "completed",
  performance: score === null ? null : { total_score: score },
  outline: built ? [] : null,
});

describe("the offered trials", () => {
  const trials = [trial(1, 0.5), trial(2, 0.9), trial(3, null), trial(4, null, false)];

  it("begin with the best, and leave out those without a network", () => {
    expect(trialChoices(trials, 2, 2, "health").map(({ label }) => label)).toEqual([
      "Trial 2 (best), 90.0\u00a0% total score",
      "Trial 1, 50.0\u00a0% total score",
      "Trial 3, running",
    ]);
  });

  it("name the accuracy where it is the total score", () => {
    for (const mode of ["simple", "pareto"]) {
      expect(trialChoices(trials, 2, 2, mode)[0]?.label).toBe("Trial 2 (best), 90.0\u00a0% accuracy");
    }
    expect(trialChoices(trials, 2, 2, undefined)[0]?.label).toBe("Trial 2 (best), 90.0\u00a0%");
  });

  it("hold the shown one in any case", () => {
    const many = Array.from({ length: 300 }, (_, number) => trial(number, 1 - number / 300));
    expect(trialChoices(many, 0, 250, "simple")).toHaveLength(101);
    expect(trialChoices(trials, 2, 4, "simple").map(({ value }) => value)).toContain("4");
    expect(trialChoices([], null, 7, "simple")).toEqual([{ value: "7", label: "Trial 7" }]);
  });

  it("have a first one without a best trial", () => {
    expect(defaultTrial(2, trials)).toBe(2);
    expect(defaultTrial(null, [trial(4, null, false), trial(3, null)])).toBe(3);
    expect(defaultTrial(null, [])).toBeNull();
  });
});

describe("the facts", () => {
  const [dense] = PLAIN.filter(({ layer_id }) => layer_id === "dense1");

  it("of a layer say what it has, and no health in mode simple", () => {
    expect(dense && layerFacts(dense, false)).toEqual([
      ["Name", "dense1"],
      ["Type", "Dense"],
      ["Output", "128"],
      ["Parameters", "401,536"],
      ["Units", "128"],
    ]);
    expect(dense && layerFacts(dense, true)).toContainEqual(["Health", "20\u00a0%"]);
    expect(PLAIN[1] && layerFacts(PLAIN[1], true)).toContainEqual(["Health", "has no weights"]);
  });

  it("of its epochs are numbers or N/A", () => {
    const epochs = [
      { epoch: 1, layers: [{ layer_id: "dense1", dead: 0.25, saturated: null, gradient: 0.00012, update: null }] },
      { epoch: 2, layers: [] },
      { epoch: 3 },
    ];
    expect(layerEpochs(epochs, "dense1")).toEqual([
      { epoch: 1, dead: "25\u00a0%", saturated: "N/A", gradient: "1.2e-4", update: "N/A" },
    ]);
  });

  it("of the network name its largest layer", () => {
    expect(networkVerdict(PLAIN)).toBe("9 layers with the input and 421,642 parameters, 95\u00a0% of them in dense1.");
    expect(networkVerdict([])).toBe("0 layers with the input and no parameters.");
    const facts = networkFacts(PLAIN, { performance: null, health_metrics: null }, true);
    expect(facts).toContainEqual(["Total score", "N/A"]);
    expect(facts).toContainEqual(["Overall health", "N/A"]);
    expect(facts.map(([name]) => name)).toContain("Gradient health");
    expect(networkFacts(PLAIN, { performance: null, health_metrics: null }, false)).toHaveLength(6);
  });
});
