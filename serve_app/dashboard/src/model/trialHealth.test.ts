import { expect, it } from "vitest";
import { trialCard } from "./trialCard";
import { exampleTrial } from "./trialExample";
import { isReduced, REDUCED } from "./trialHealth";

const WEIGHTS = {
  neuron_utilization: 0.25,
  training_stability: 0.2,
  parameter_efficiency: 0.15,
  gradient_health: 0.15,
  convergence_quality: 0.15,
  accuracy_consistency: 0.1,
};
const metrics = {
  neuron_utilization: 0.8,
  training_stability: 0.8,
  parameter_efficiency: 0.8,
  gradient_health: 0.8,
  convergence_quality: 0.8,
  accuracy_consistency: 0.8,
};

it("says that the health of a network at chance was halved, and of no other one", () => {
  expect(isReduced({ ...metrics, overall_health: 0.4 }, WEIGHTS)).toBe(true);
  expect(isReduced({ ...metrics, overall_health: 0.8 }, WEIGHTS)).toBe(false);
  expect(isReduced({ ...metrics, overall_health: 0.4 }, null)).toBe(false);
  expect(isReduced(null, WEIGHTS)).toBe(false);
  // The health is reduced by the loss: the accuracy may be far above chance.
  expect(REDUCED).toContain("the loss is less than a tenth below that of guessing");
  const card = trialCard(exampleTrial({ health_metrics: { ...metrics, overall_health: 0.4 } }), true, WEIGHTS);
  expect(card.health.map(({ note }) => note)).toEqual([REDUCED, ...Array(6).fill(undefined)]);
});
