/** Data that flow through a network: small balls that move along its connections, from left to right. Pure. */
import { type Instance, rgb } from "./instances";
import type { Bounds, Link, Point } from "./types";

/** Milliseconds of one way through the network. */
const WAY_MS = 2600;
/** Balls that follow each other. */
const WAVES = 3;
const SIZE = 0.16;
/** The flow stops this long after the last action of a person. */
export const IDLE_MS = 5000;
/** Milliseconds between two pictures: 30 in a second are smooth, and leave time on a slow machine. */
export const FRAME_MS = 33;

/** The balls at a time. Lines side by side, as a shortcut and what it passes, carry one each. */
export function flowInstances(
  links: readonly Link[],
  { low, high }: Bounds,
  nowMs: number,
  colour: string,
): Instance[] {
  const paint = rgb(colour);
  const length = Math.max(0.001, high[0] - low[0]);
  return Array.from({ length: WAVES }, (_, wave) => low[0] + length * ((nowMs / WAY_MS + wave / WAVES) % 1)).flatMap(
    (front, wave) =>
      links.flatMap((link) => {
        const [left, right] = [link.points[0]?.[0] ?? 0, link.points[link.points.length - 1]?.[0] ?? 0];
        if (front < left || front > right || right <= left) return [];
        const centre = alongLine(link.points, (front - left) / (right - left));
        const size: Point = [SIZE, SIZE, SIZE];
        return { key: `flow ${wave} ${link.from} ${link.to}`, shape: "sphere" as const, centre, size, colour: paint };
      }),
  );
}

/** The point after this share of a line's length. */
function alongLine(points: readonly Point[], share: number): Point {
  const parts = points.slice(1).map((end, place) => {
    const start = points[place] ?? end;
    return { start, end, length: Math.hypot(end[0] - start[0], end[1] - start[1], end[2] - start[2]) };
  });
  let left = share * parts.reduce((sum, { length }) => sum + length, 0);
  for (const { start, end, length } of parts) {
    if (left <= length && length > 0) return mixed(start, end, left / length);
    left -= length;
  }
  return parts[parts.length - 1]?.end ?? points[0] ?? [0, 0, 0];
}

const mixed = (from: Point, to: Point, share: number): Point => [
  from[0] + (to[0] - from[0]) * share,
  from[1] + (to[1] - from[1]) * share,
  from[2] + (to[2] - from[2]) * share,
];

/** Whether the data flow now: while somebody acts, and IDLE_MS after it. */
export class FlowClock {
  private lastMs = Number.NEGATIVE_INFINITY;
  private enabled = false;

  /** Somebody acted, or the drawing changed. */
  act(nowMs: number): void {
    this.lastMs = nowMs;
  }

  allow(enabled: boolean, nowMs: number): void {
    if (enabled && !this.enabled) this.act(nowMs);
    this.enabled = enabled;
  }

  flows(nowMs: number): boolean {
    return this.enabled && nowMs - this.lastMs < IDLE_MS;
  }
}
