/** Whether a difference of two accuracies may be chance. */
import { count } from "../format";

/**
 * True if two accuracies, each measured on this many samples, differ by less than 1.96 standard errors of their
 * difference (two shares, taken as independent: a cautious bound where both were measured on the same samples).
 */
export function mayBeChance(one: number, other: number, samples: number): boolean {
  if (!(samples > 0)) return false;
  const variance = (one * (1 - one) + other * (1 - other)) / samples;
  return Math.abs(one - other) < 1.96 * Math.sqrt(variance);
}

/** The warning for readers; null: the difference is larger than chance, or the number of samples is not known. */
export function chanceText(
  one: number,
  other: number,
  samples: number | null,
  part: "validation" | "test",
): string | null {
  if (samples === null || one === other || !mayBeChance(one, other, samples)) return null;
  return `With ${count(samples)} ${part} samples, a difference of this size can be chance.`;
}
