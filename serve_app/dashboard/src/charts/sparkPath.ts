const EDGE = 3;

/** The path of a line through the known values, and where it ends; empty without two values. */
export function sparkPath(
  values: readonly (number | null)[],
  width: number,
  height: number,
): { path: string; end: { x: number; y: number } | null } {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (known.length === 0) return { path: "", end: null };
  const low = Math.min(...known);
  const high = Math.max(...known);
  const round = (value: number) => Math.round(value * 10) / 10;
  const points = known.map((value, place) => ({
    x: round(known.length === 1 ? width - EDGE : EDGE + (place / (known.length - 1)) * (width - 2 * EDGE)),
    y: round(high === low ? height / 2 : height - EDGE - ((value - low) / (high - low)) * (height - 2 * EDGE)),
  }));
  const path = points.length < 2 ? "" : points.map(({ x, y }, place) => `${place === 0 ? "M" : "L"}${x} ${y}`).join("");
  return { path, end: points[points.length - 1] ?? null };
}
