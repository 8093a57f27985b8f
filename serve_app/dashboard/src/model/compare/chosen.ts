/** Which trials or studies are compared: at most four, in the order in which they were chosen. They are in the address. */

export const MOST_COMPARED = 4;

/** `3,17` as numbers: whole ones from 1, each once, at most four. Anything else in the text is left out. */
export function readNumbers(text: string | null): number[] {
  const numbers = (text ?? "").split(",").map((part) => (/^\s*\d{1,9}\s*$/.test(part) ? Number(part) : 0));
  return [...new Set(numbers.filter((number) => number >= 1))].slice(0, MOST_COMPARED);
}

/** Null: leave the parameter out. */
export function writeNumbers(numbers: readonly number[]): string | null {
  return numbers.length === 0 ? null : numbers.join(",");
}

/** `a,b` as names of studies; a comma cannot be a part of one. */
export function readNames(text: string | null): string[] {
  const names = (text ?? "").split(",").map((part) => part.trim());
  return [...new Set(names.filter((name) => name !== ""))].slice(0, MOST_COMPARED);
}

export function writeNames(names: readonly string[]): string | null {
  return names.length === 0 ? null : names.join(",");
}

/** The choice with this one added or taken away; unchanged if it is full. */
export function toggledChoice<T>(chosen: readonly T[], one: T): readonly T[] {
  if (chosen.includes(one)) return chosen.filter((other) => other !== one);
  return chosen.length >= MOST_COMPARED ? chosen : [...chosen, one];
}
