/** Pages of a list of samples. Pure. */
import { count } from "../format";

/** The first sample of the page that holds the sample at this place. */
export function pageStart(place: number, size: number): number {
  return Math.max(0, Math.floor((Number.isFinite(place) ? place : 0) / size) * size);
}

/** "1 to 24 of 1,797 samples". */
export function pageWords(offset: number, shown: number, total: number): string {
  if (total === 0) return "No samples";
  if (shown === 0) return `None here: there are ${count(total)} samples`;
  return `${count(offset + 1)} to ${count(offset + shown)} of ${count(total)} samples`;
}
