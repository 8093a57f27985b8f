/** Whether the overall health of a network was reduced, since it has hardly learned. */
import type { TrialHealth } from "./trialRecord";
import { HEALTH_METRICS } from "./trialWords";

/** The weight of each metric in the overall health; their sum is 1. */
export type HealthWeights = Readonly<Record<(typeof HEALTH_METRICS)[number][0], number>>;

export const REDUCED =
  "Reduced: the loss is less than a tenth below that of guessing. A network that only guesses has half its health.";

/** Difference to the weighted mean of the metrics from which on a health counts as reduced: that of `tuner explain`. */
const LEAST = 0.01;

export function isReduced(health: TrialHealth | null, weights: HealthWeights | null | undefined): boolean {
  if (health === null || !weights) return false;
  const mean = HEALTH_METRICS.reduce((sum, [name]) => sum + weights[name] * health[name], 0);
  return health.overall_health < mean - LEAST;
}
