/**
 * The Pareto front of a study with several objectives: the completed trials that meet the constraints and that no other
 * such trial beats in one objective without losing in another. It is found from the trials that the page has, so that
 * it is up to date after each event without a request.
 */
import { isLowerBetter } from "./trialStory";

export interface FrontTrial {
  number: number;
  status: string;
  /** Value of the first objective. */
  objective: number | null;
  overall_health: number | null;
  performance: { accuracy: number; loss: number; total_score: number } | null;
  architecture: { total_parameters: number } | null;
}

type Value = (trial: FrontTrial) => number | null;

const VALUES: Readonly<Record<string, Value>> = {
  val_accuracy: ({ performance }) => performance?.accuracy ?? null,
  val_loss: ({ performance }) => performance?.loss ?? null,
  total_score: ({ performance }) => performance?.total_score ?? null,
  overall_health: ({ overall_health }) => overall_health,
  parameter_count: ({ architecture }) => architecture?.total_parameters ?? null,
};

/** How to read an objective from a trial of the page; null: the page does not have its values. */
export function readerOf(objective: string, objectives: readonly string[]): Value | null {
  return objective === objectives[0] ? (trial) => trial.objective : (VALUES[objective] ?? null);
}

/**
 * Numbers of the trials on the front; empty for one objective.
 *
 * @param told The front as the server told it: used where the page lacks the values of an objective or a constraint.
 */
export function frontOf(
  trials: Iterable<FrontTrial>,
  objectives: readonly string[],
  constraints: readonly string[] = [],
  told: readonly number[] = [],
): ReadonlySet<number> {
  if (objectives.length < 2) return new Set();
  const bounds = constraints.map((text) => boundOf(text, objectives));
  const read = objectives.map((objective) => readerOf(objective, objectives));
  if (read.includes(null) || bounds.includes(null)) return new Set(told);
  const candidates: { number: number; costs: number[] }[] = [];
  for (const trial of trials) {
    if (trial.status !== "completed" || bounds.some((meets) => meets?.(trial) === false)) continue;
    const costs = objectives.map((objective, place) => {
      const value = read[place]?.(trial) ?? Number.NaN;
      return isLowerBetter(objective) ? value : -value;
    });
    if (costs.every(Number.isFinite)) candidates.push({ number: trial.number, costs });
  }
  // In this order a trial comes after every trial that beats it, so comparing with the front so far is enough.
  candidates.sort((one, other) => firstDifference(one.costs, other.costs));
  const front: typeof candidates = [];
  for (const trial of candidates) {
    if (!front.some(({ costs }) => dominates(costs, trial.costs))) front.push(trial);
  }
  return new Set(front.map(({ number }) => number));
}

function firstDifference(one: readonly number[], other: readonly number[]): number {
  for (const [place, cost] of one.entries()) {
    const difference = cost - (other[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function dominates(one: readonly number[], other: readonly number[]): boolean {
  return (
    one.every((cost, place) => cost <= (other[place] ?? cost)) &&
    one.some((cost, place) => cost < (other[place] ?? cost))
  );
}

/** Whether a trial meets a constraint such as `parameter_count<=200000`; a trial without its value does. */
function boundOf(text: string, objectives: readonly string[]): ((trial: FrontTrial) => boolean) | null {
  const [, objective = "", sign, bound] = /^\s*(\w+)\s*(<=|>=)\s*(\S+)\s*$/.exec(text) ?? [];
  const read = readerOf(objective, objectives);
  const limit = Number(bound);
  if (read === null || !Number.isFinite(limit)) return null;
  return (trial) => {
    const value = read(trial);
    return value === null || (sign === "<=" ? value <= limit : value >= limit);
  };
}
