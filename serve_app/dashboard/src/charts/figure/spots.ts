/** The marks of a figure that the pointer and the keys choose. */

export interface Spot {
  id: string | number;
  /** Pixels from the figure's upper left corner. */
  x: number;
  y: number;
  /** The mark in words: "Trial 17: dropout 0.2, validation accuracy 97.4 %". */
  text: string;
  color?: string;
  /** A mark with an area is chosen anywhere in it: pixels to the right and down from its place. */
  width?: number;
  height?: number;
}

/** The spot at a position, or the nearest one at most `reach` pixels away; later ones lie above. */
export function spotAt(spots: readonly Spot[], at: { x: number; y: number }, reach: number): number | null {
  let found: number | null = null;
  let least = reach;
  for (const [place, spot] of spots.entries()) {
    const [dx, dy] = [outside(at.x, spot.x, spot.width), outside(at.y, spot.y, spot.height)];
    const distance = Math.hypot(dx, dy);
    if (distance <= least) {
      least = distance;
      found = place;
    }
  }
  return found;
}

function outside(at: number, from: number, size = 0): number {
  return at < from ? from - at : Math.max(0, at - from - size);
}

const AXIS: Record<string, "x" | "y"> = { ArrowLeft: "x", ArrowRight: "x", ArrowUp: "y", ArrowDown: "y" };

/**
 * Where a key leads: left and right to the next spot by x, up and down to the next one by y; Home and End to the first
 * and the last by x; Escape to none. Undefined: the key means nothing here.
 */
export function movedSpot(spots: readonly Spot[], chosen: number | null, key: string): number | null | undefined {
  if (key === "Escape") return chosen === null ? undefined : null;
  const axis = AXIS[key] ?? (key === "Home" || key === "End" ? "x" : undefined);
  if (axis === undefined || spots.length === 0) return undefined;
  const other = axis === "x" ? "y" : "x";
  const order = spots.map((_, place) => place);
  const of = (place: number, along: "x" | "y") => spots[place]?.[along] ?? 0;
  order.sort((a, b) => of(a, axis) - of(b, axis) || of(a, other) - of(b, other));
  const at = chosen === null ? -1 : order.indexOf(chosen);
  const last = order.length - 1;
  if (key === "Home") return order[0];
  if (key === "End") return order[last];
  if (at < 0) return key === "ArrowLeft" || key === "ArrowDown" ? order[last] : order[0];
  const step = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  return order[Math.min(last, Math.max(0, at + step))];
}
