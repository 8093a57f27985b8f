/** The order of a list of trials. Trials without a value come last in both directions; equal ones by their number. */
import type { TrialColumn } from "./trialColumns";
import type { Scalar, TrialRecord } from "./trialRecord";

export interface TrialSort {
  key: string;
  descending: boolean;
}

/** The order of the API. */
export const BY_NUMBER: TrialSort = { key: "trial_number", descending: false };

/** `-accuracy` is by accuracy, the largest first. */
export function readSort(text: string): TrialSort {
  const descending = text.startsWith("-");
  const key = descending ? text.slice(1) : text;
  return key === "" ? BY_NUMBER : { key, descending };
}

export function writeSort(sort: TrialSort): string {
  return (sort.descending ? "-" : "") + sort.key;
}

/** The sort after a click on a column's head: this column, or its other direction. */
export function clicked(sort: TrialSort, column: TrialColumn): TrialSort {
  if (sort.key === column.key) return { key: column.key, descending: !sort.descending };
  return { key: column.key, descending: column.numeric && column.key !== "loss" };
}

export function sortTrials<T extends TrialRecord>(
  trials: readonly T[],
  columns: readonly TrialColumn[],
  sort: TrialSort,
): T[] {
  const column = columns.find((known) => known.key === sort.key);
  if (column === undefined || column.key === "trial_number") {
    const down = column === undefined ? BY_NUMBER.descending : sort.descending;
    return [...trials].sort((one, other) => (down ? other.number - one.number : one.number - other.number));
  }
  const known: { trial: T; key: Scalar }[] = [];
  const absent: T[] = [];
  for (const trial of trials) {
    const key = column.of(trial);
    if (key === null) absent.push(trial);
    else known.push({ trial, key });
  }
  const sign = sort.descending ? -1 : 1;
  known.sort((one, other) => sign * compare(one.key, other.key) || other.trial.number - one.trial.number);
  absent.sort((one, other) => other.number - one.number);
  return [...known.map(({ trial }) => trial), ...absent];
}

function compare(one: Scalar, other: Scalar): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  const [first, second] = [String(one), String(other)];
  return first === second ? 0 : first < second ? -1 : 1;
}

/** A trial's neighbours in a list, for stepping: null at the ends and where the list does not hold the trial. */
export interface Neighbours {
  before: number | null;
  after: number | null;
  /** Its place, from 1; null: the list does not hold it. */
  place: number | null;
  of: number;
}

export function neighbours(numbers: readonly number[], number: number): Neighbours {
  const at = numbers.indexOf(number);
  if (at < 0) return { before: null, after: numbers[0] ?? null, place: null, of: numbers.length };
  return { before: numbers[at - 1] ?? null, after: numbers[at + 1] ?? null, place: at + 1, of: numbers.length };
}
