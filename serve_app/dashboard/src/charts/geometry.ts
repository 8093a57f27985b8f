/** Where curves are: bounds, the curve under the pointer, and the next one by the arrow keys. */
import { type RoundEnds, roundEnds } from "../model/roundStep";
import type { CurveAxis, CurveLevel, CurveSeries, Place } from "./types";

export interface Bounds {
  low: number;
  high: number;
}

/** Most steps between the labels of a vertical axis. */
const MOST_STEPS = 6;

/** Bounds of one axis. An axis without values, or with a single one, still has a length. */
export function axisBounds(values: Iterable<number>, axis: CurveAxis, space: number): Bounds {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) [low, high] = [0, 1];
  const pad = (high - low) * space || Math.abs(high) * space || (space > 0 ? 0.5 : 0);
  const [least, most] = axis.limits ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const from = axis.low ?? Math.max(Math.min(least, low), low - pad);
  const to = axis.high ?? Math.min(Math.max(most, high), high + pad);
  return to > from ? { low: from, high: to } : { low: from, high: from + 1 };
}

export function xBounds(series: readonly CurveSeries[], axis: CurveAxis): Bounds {
  return axisBounds(coordinates(series, 0), axis, 0);
}

export function yBounds(
  series: readonly CurveSeries[],
  axis: CurveAxis,
  levels: readonly CurveLevel[] = [],
): RoundEnds {
  return valueBounds([...coordinates(series, 1), ...levels.map((level) => level.value)], axis);
}

/** Bounds of a vertical axis: round, so that no value lies beyond the last label. */
export function valueBounds(values: Iterable<number>, axis: CurveAxis): RoundEnds {
  const { low, high } = axisBounds(values, axis, 0.06);
  return roundEnds(low, high, MOST_STEPS);
}

function* coordinates(series: readonly CurveSeries[], axis: 0 | 1): Generator<number> {
  for (const curve of series) {
    for (const point of curve.points) yield point[axis];
    if (curve.marker) yield axis === 0 ? curve.marker.x : curve.marker.y;
  }
}

/** A value as a position: linear from `from` to `to`. */
export type Project = (value: number) => number;

export function projection(bounds: Bounds, from: number, to: number): Project {
  const scale = (to - from) / (bounds.high - bounds.low);
  return (value) => from + (value - bounds.low) * scale;
}

/** The point of the curve that passes nearest to a position, at most `reach` pixels away; later curves lie above. */
export function nearest(
  series: readonly CurveSeries[],
  toX: Project,
  toY: Project,
  at: { x: number; y: number },
  reach: number,
): Place | null {
  let found: Place | null = null;
  let least = reach;
  for (const curve of series) {
    let before: { x: number; y: number } | null = null;
    curve.points.forEach((point, index) => {
      const here = { x: toX(point[0]), y: toY(point[1]) };
      const from = before ?? here;
      before = here;
      if (Math.min(from.x, here.x) - least > at.x || Math.max(from.x, here.x) + least < at.x) return;
      const { distance, share } = toSegment(at, from, here);
      if (distance > least) return;
      least = distance;
      found = { id: curve.id, index: index > 0 && share < 0.5 ? index - 1 : index };
    });
  }
  return found;
}

function toSegment(at: { x: number; y: number }, from: { x: number; y: number }, to: { x: number; y: number }) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 1 : Math.min(1, Math.max(0, ((at.x - from.x) * dx + (at.y - from.y) * dy) / length));
  return { distance: Math.hypot(from.x + share * dx - at.x, from.y + share * dy - at.y), share };
}

const ALONG: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };
const ACROSS: Record<string, number> = { ArrowUp: -1, ArrowDown: 1 };

/**
 * Where a key leads: left and right along the curve, up and down to the curve whose last value is next, Home and End to
 * its ends, Escape to none. Undefined: the key means nothing here.
 */
export function moved(series: readonly CurveSeries[], place: Place | null, key: string): Place | null | undefined {
  if (key === "Escape") return place === null ? undefined : null;
  const known = key in ALONG || key in ACROSS || key === "Home" || key === "End";
  const ordered = series.filter((curve) => curve.points.length > 0).sort((a, b) => lastValue(b) - lastValue(a));
  const first = ordered[0];
  if (!known || !first) return undefined;
  const at = ordered.findIndex((curve) => curve.id === place?.id);
  const curve = ordered[at];
  if (!curve || !place) return { id: first.id, index: first.points.length - 1 };
  const last = curve.points.length - 1;
  if (key === "Home") return { id: curve.id, index: 0 };
  if (key === "End") return { id: curve.id, index: last };
  const along = ALONG[key];
  if (along !== undefined) return { id: curve.id, index: Math.min(last, Math.max(0, place.index + along)) };
  const next = ordered[Math.min(ordered.length - 1, Math.max(0, at + (ACROSS[key] ?? 0)))] ?? curve;
  return {
    id: next.id,
    index: Math.min(place.index === last ? next.points.length - 1 : place.index, next.points.length - 1),
  };
}

/**
 * Where a key leads among single points: left and right to the next one by x, up and down to the next one by y, Home and
 * End to the first and the last by x, Escape to none. Undefined: the key means nothing here.
 */
export function movedAmongPoints(
  series: readonly CurveSeries[],
  place: Place | null,
  key: string,
): Place | null | undefined {
  if (key === "Escape") return place === null ? undefined : null;
  const known = key in ALONG || key in ACROSS || key === "Home" || key === "End";
  const axis = key in ACROSS ? 1 : 0;
  const along = (curve: CurveSeries) => curve.points[0]?.[axis] ?? 0;
  const ordered = series.filter((curve) => curve.points.length > 0).sort((a, b) => along(a) - along(b));
  if (!known || ordered.length === 0) return undefined;
  const at = ordered.findIndex((curve) => curve.id === place?.id);
  const last = ordered.length - 1;
  const step = (ALONG[key] ?? 0) - (ACROSS[key] ?? 0);
  const wanted = key === "Home" ? 0 : key === "End" || at < 0 ? last : at + step;
  const next = ordered[Math.min(last, Math.max(0, wanted))];
  return next === undefined ? undefined : { id: next.id, index: 0 };
}

function lastValue(curve: CurveSeries): number {
  return curve.points[curve.points.length - 1]?.[1] ?? Number.NEGATIVE_INFINITY;
}
