/** Weights that keep their sum: where one moves, the others share the rest in proportion. In whole percents. */

export type Weights = Readonly<Record<string, number>>;

const WHOLE = 100;

/**
 * The weights after one of them was moved to `share`. The others keep their proportions to each other, as `base` has
 * them; where all of them are 0 they get equal parts. The sum is exactly 1.
 */
export function withWeight(base: Weights, name: string, share: number): Record<string, number> {
  const moved = Math.round(Math.min(1, Math.max(0, share)) * WHOLE);
  const others = Object.keys(base).filter((one) => one !== name);
  if (others.length === 0) return { [name]: 1 };
  const together = others.reduce((sum, one) => sum + (base[one] ?? 0), 0);
  const exact = others.map((one) => (WHOLE - moved) * (together > 0 ? (base[one] ?? 0) / together : 1 / others.length));
  const parts = wholeParts(exact, WHOLE - moved);
  const found = Object.fromEntries(others.map((one, place) => [one, (parts[place] ?? 0) / WHOLE]));
  return Object.fromEntries(Object.keys(base).map((one) => [one, one === name ? moved / WHOLE : (found[one] ?? 0)]));
}

/** Whole numbers next to the exact ones with this very sum: the largest remainders are rounded up. */
function wholeParts(exact: readonly number[], sum: number): number[] {
  const parts = exact.map(Math.floor);
  let missing = sum - parts.reduce((total, part) => total + part, 0);
  const byRemainder = exact.map((value, place) => ({ place, rest: value - Math.floor(value) }));
  byRemainder.sort((one, other) => other.rest - one.rest || one.place - other.place);
  for (const { place } of byRemainder) {
    if (missing <= 0) break;
    parts[place] = (parts[place] ?? 0) + 1;
    missing -= 1;
  }
  return parts;
}

/** Whether two sets of weights are the same. */
export function sameWeights(one: Weights, other: Weights): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => Math.abs((one[name] ?? 0) - (other[name] ?? 0)) < 1e-9);
}
