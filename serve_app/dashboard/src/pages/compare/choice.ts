/** What is compared, in the address. */
import { readNames, readNumbers, toggledChoice, writeNames, writeNumbers } from "../../model/compare/chosen";
import { type Codec, writeParams } from "../../state/url";

export const TRIALS: Codec<readonly number[]> = { read: readNumbers, write: writeNumbers };
export const STUDIES: Codec<readonly string[]> = { read: readNames, write: writeNames };

/** Adds a trial to those that a list has marked for comparing, or takes it away. The list's parameter is `compare`. */
export function toggleCompared(number: number): void {
  const now = readNumbers(new URLSearchParams(window.location.search).get("compare"));
  writeParams({ compare: writeNumbers(toggledChoice(now, number)) });
}

/** The same for a list of studies, whose parameter is `s`. */
export function toggleStudy(name: string): void {
  const now = readNames(new URLSearchParams(window.location.search).get("s"));
  writeParams({ s: writeNames(toggledChoice(now, name)) });
}
