/** What the scene shows right now, and how it gets from one network to the next. Holds no objects of three. */
import type { Instance } from "../instances";
import { between, betweenBounds, MORPH_MS } from "../morph";
import { type Bounds, SHAPES, type Shape } from "../types";

const EMPTY: Bounds = { low: [0, 0, 0], high: [0, 0, 0] };

export class Stage {
  /** The network before the last change, as it was shown when the change began. */
  private from: readonly Instance[] = [];
  private fromBounds = EMPTY;
  private to: readonly Instance[] = [];
  private toBounds = EMPTY;
  /** The frame of the selected layer: it appears when all others have arrived. */
  private still: readonly Instance[] = [];
  private startedMs: number | null = null;
  private share = 1;

  /** Show a network at once, or let the shown one become it. A change of colours alone never interrupts a motion. */
  show(instances: readonly Instance[], bounds: Bounds, still: readonly Instance[], move: boolean): void {
    if (move && this.to.length > 0) {
      this.from = between(this.from, this.to, this.share);
      this.fromBounds = this.bounds;
      this.startedMs = null;
      this.share = 0;
    }
    this.to = instances;
    this.toBounds = bounds;
    this.still = still;
  }

  /** Go on to this time. True while something moves. */
  advance(nowMs: number): boolean {
    if (this.share >= 1) return false;
    this.startedMs ??= nowMs;
    this.share = Math.min(1, (nowMs - this.startedMs) / MORPH_MS);
    return true;
  }

  get moving(): boolean {
    return this.share < 1;
  }

  get bounds(): Bounds {
    return betweenBounds(this.fromBounds, this.toBounds, this.share);
  }

  /** Everything to be drawn, by shape. */
  instances(): Record<Shape, Instance[]> {
    const found = Object.fromEntries(SHAPES.map((shape) => [shape, [] as Instance[]])) as Record<Shape, Instance[]>;
    const shown = this.moving ? between(this.from, this.to, this.share) : this.to;
    for (const instance of shown) found[instance.shape].push(instance);
    if (!this.moving) for (const instance of this.still) found[instance.shape].push(instance);
    return found;
  }
}
