/** What each hyperparameter decided of each result, with the number of trials that it is judged by. */
import { plural } from "../sentence";
import type { TrialRecord } from "../trialRecord";

/** The answer of `GET /jobs/{id}/importance`; undefined: not here yet. */
export interface ImportanceAnswer {
  importance: Readonly<Record<string, number>> | null;
  reason: string | null;
  trials_used: number;
}

export interface ImportanceCell {
  parameter: string;
  metric: string;
  /** From 0 to 1; null: see `why`. */
  share: number | null;
  /** Trials with this hyperparameter that it is judged by. */
  count: number;
  /** Why there is no share; null: there is one. */
  why: "too few" | "unknown" | "loading" | null;
}

export interface ImportanceMap {
  metrics: readonly string[];
  /** Rows, the most important for the first metric first. */
  parameters: readonly string[];
  cells: readonly ImportanceCell[];
}

/** Fewer trials say nothing: the figure then says "too few". */
export const ENOUGH = 10;

export function importanceMap(
  trials: readonly TrialRecord[],
  answers: readonly { metric: string; answer: ImportanceAnswer | undefined }[],
): ImportanceMap {
  const known = answers.flatMap(({ answer }) => (answer?.importance ? [answer.importance] : []));
  const totals = new Map<string, number>();
  known.forEach((importance, place) => {
    // The first metric decides about the order; the others only among those that it does not know.
    for (const [name, share] of Object.entries(importance)) {
      totals.set(name, (totals.get(name) ?? 0) + share * (place === 0 ? 1 : 1e-6));
    }
  });
  const parameters = [...totals].sort((one, other) => other[1] - one[1]).map(([name]) => name);
  const counts = new Map(parameters.map((name) => [name, trials.filter((trial) => judges(trial, name)).length]));
  const cells = parameters.flatMap((parameter) =>
    answers.map(({ metric, answer }) => {
      const count = Math.min(counts.get(parameter) ?? 0, answer?.trials_used ?? Number.MAX_SAFE_INTEGER);
      return { parameter, metric, count, ...shareOf(parameter, answer, count) };
    }),
  );
  return { metrics: answers.map(({ metric }) => metric), parameters, cells };
}

function judges(trial: TrialRecord, name: string): boolean {
  return ["completed", "pruned", "diverged"].includes(trial.status) && trial.hyperparameters[name] !== undefined;
}

function shareOf(
  parameter: string,
  answer: ImportanceAnswer | undefined,
  count: number,
): Pick<ImportanceCell, "share" | "why"> {
  if (answer === undefined) return { share: null, why: "loading" };
  if (count < ENOUGH) return { share: null, why: "too few" };
  const share = answer.importance?.[parameter] ?? null;
  return { share, why: share === null ? "unknown" : null };
}

/** The hyperparameter that decided most of a metric; null: it is not known. */
export function topOf(map: ImportanceMap, metric: string): ImportanceCell | null {
  const known = map.cells.filter((cell) => cell.metric === metric && cell.share !== null);
  return known.reduce<ImportanceCell | null>(
    (top, cell) => (top === null || (cell.share ?? 0) > (top.share ?? 0) ? cell : top),
    null,
  );
}

/** The words in a cell that has no share. */
export function whyText({ why, count }: ImportanceCell): string {
  if (why === "loading") return "being computed";
  return why === "too few" ? `too few: ${plural(count, "trial")}` : "not known";
}
