/** How many samples each class has, as a sentence and as rows with bars. Pure. */
import { count } from "../format";
import { plural } from "../sentence";

export interface ClassCount {
  label: string;
  train: number;
  validation: number;
  test: number;
}

export interface ClassRow extends ClassCount {
  total: number;
  /** Share of the largest class's total, in [0, 1]: the length of its bar. */
  share: number;
}

export const ORDERS = ["outputs", "largest", "smallest"] as const;
export type ClassOrder = (typeof ORDERS)[number];

/** The classes in the order of the network's outputs, or by their number of samples. */
export function classRows(classes: readonly ClassCount[], order: ClassOrder = "outputs"): ClassRow[] {
  const totals = classes.map((one) => ({ ...one, total: one.train + one.validation + one.test }));
  const most = Math.max(1, ...totals.map((one) => one.total));
  const rows = totals.map((one) => ({ ...one, share: one.total / most }));
  if (order === "outputs") return rows;
  const sign = order === "largest" ? -1 : 1;
  return rows.sort((one, other) => sign * (one.total - other.total) || one.label.localeCompare(other.label, "en"));
}

/** Classes whose sizes differ less than this are about the same size. */
const SIMILAR = 1.5;
/** From this on, accuracy alone says little. */
const UNBALANCED = 5;

/** Whether the classes are of about the same size, and what follows if they are not. */
export function balanceSentence(classes: readonly ClassCount[]): string {
  const rows = classRows(classes, "largest");
  const [largest] = rows;
  const smallest = rows.at(-1);
  if (largest === undefined || smallest === undefined) return "The data set has no classes.";
  const number = plural(rows.length, "class", "classes");
  if (rows.length === 1) return `One class, ${largest.label}, with ${plural(largest.total, "sample")}.`;
  const ratio = largest.total / Math.max(1, smallest.total);
  if (ratio < SIMILAR) {
    return largest.total === smallest.total
      ? `${number} with ${plural(largest.total, "sample")} each.`
      : `${number} of about the same size: ${count(smallest.total)} to ${plural(largest.total, "sample")} each.`;
  }
  const times = ratio < 10 ? ratio.toFixed(1) : count(Math.round(ratio));
  const facts = `${number}. The largest, ${largest.label}, has ${times} times as many samples as the smallest, ${smallest.label}`;
  return ratio < UNBALANCED
    ? `${facts}.`
    : `${facts}: a model that only ever names large classes can seem accurate. Compare the balanced accuracy too.`;
}

/** Samples of each part: "1,257 for training, 180 for validation, 360 for the test". */
export function partsWords(classes: readonly ClassCount[]): string {
  const sum = (part: "train" | "validation" | "test") => classes.reduce((total, one) => total + one[part], 0);
  return `${count(sum("train"))} for training, ${count(sum("validation"))} for validation, ${count(sum("test"))} for the test`;
}
