/** From one network to another: what both have moves, what is new grows, what is gone shrinks. Pure functions of time. */
import { type Instance, perAxis } from "./instances";
import type { Bounds, Point } from "./types";

export const MORPH_MS = 600;

/** Slow at both ends. */
export const eased = (share: number): number => {
  const t = Math.min(1, Math.max(0, share));
  return t * t * (3 - 2 * t);
};

export function between(from: readonly Instance[], to: readonly Instance[], share: number): Instance[] {
  if (share >= 1) return [...to];
  const t = eased(share);
  const before = new Map(from.map((instance) => [instance.key, instance]));
  const after = new Set(to.map((instance) => instance.key));
  const moving = to.map((instance) => {
    const old = before.get(instance.key);
    if (!old || old.shape !== instance.shape) return { ...instance, size: mixed([0, 0, 0], instance.size, t) };
    return {
      ...instance,
      centre: mixed(old.centre, instance.centre, t),
      size: mixed(old.size, instance.size, t),
      colour: mixed(old.colour, instance.colour, t),
    };
  });
  const leaving = from.filter((instance) => !after.has(instance.key));
  return [...moving, ...leaving.map((instance) => ({ ...instance, size: mixed(instance.size, [0, 0, 0], t) }))];
}

export function betweenBounds(from: Bounds, to: Bounds, share: number): Bounds {
  const t = eased(share);
  return { low: mixed(from.low, to.low, t), high: mixed(from.high, to.high, t) };
}

const mixed = (from: Point, to: Point, t: number): Point => perAxis((axis) => from[axis] + (to[axis] - from[axis]) * t);
