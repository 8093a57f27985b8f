/** Which models the page offers. Pure. */
import { percent } from "../format";

/** A select with thousands of entries is slow and helps nobody. */
const MOST = 100;

export interface ModelChoice {
  trial: number;
  label: string;
}

/**
 * The winner, then the models with the best validation accuracy; `shown` is always among them.
 *
 * @param accuracyOf Validation accuracy of a trial in [0, 1]; null: not known.
 */
export function modelChoices(
  kept: readonly number[],
  winner: number,
  shown: number,
  accuracyOf: (trial: number) => number | null,
): ModelChoice[] {
  const accuracies = new Map(kept.map((trial) => [trial, accuracyOf(trial)] as const));
  const rank = (trial: number) => (trial === winner ? Number.POSITIVE_INFINITY : (accuracies.get(trial) ?? -1));
  const ordered = [...kept].sort((one, other) => rank(other) - rank(one) || one - other);
  const offered = ordered.slice(0, MOST);
  if (!offered.includes(shown) && kept.includes(shown)) offered.push(shown);
  return offered.map((trial) => {
    const accuracy = accuracies.get(trial) ?? null;
    const known = accuracy === null ? "" : `, ${percent(accuracy)} accuracy`;
    return { trial, label: `Trial ${trial}${trial === winner ? " (best)" : ""}${known}` };
  });
}

/** What a person should know of a list that does not have all models; null: it has all. */
export function leftOutWords(kept: number, offered: number): string | null {
  if (offered >= kept) return null;
  const all = kept.toLocaleString("en-US");
  return `The list has ${offered} of ${all} kept models, the best ones. An address with trial=NUMBER opens any other one.`;
}
