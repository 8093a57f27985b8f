/** Every solid of the 3D scene: layers, lines between them (thin boxes) and the frame of the selected layer. */
import type { Block, Link, NetworkLayout, Point, Shape } from "./types";

export interface Instance {
  key: string;
  shape: Shape;
  centre: Point;
  size: Point;
  /** Red, green and blue in [0, 1], as in sRGB. */
  colour: Point;
}

const LINE = 0.05;
const FRAME = 0.07;
const AXES = [0, 1, 2] as const;

export function rgb(colour: string): Point {
  const part = (place: number): number => Number.parseInt(colour.slice(place, place + 2), 16) / 255;
  return [part(1), part(3), part(5)];
}

export function blockInstances(layout: NetworkLayout, colours: ReadonlyMap<string, string>): Instance[] {
  return layout.blocks.map(({ key, shape, centre, size }) => ({
    key,
    shape,
    centre,
    size,
    colour: rgb(colours.get(key) ?? "#888888"),
  }));
}

export function linkInstances(links: readonly Link[], colour: string): Instance[] {
  const paint = rgb(colour);
  return links.flatMap((link) =>
    link.points.slice(1).map((end, place) => {
      const start = link.points[place] ?? end;
      return {
        key: `link ${link.from} ${link.to} ${place}`,
        shape: "box" as const,
        centre: perAxis((axis) => (start[axis] + end[axis]) / 2),
        size: perAxis((axis) => Math.abs(start[axis] - end[axis]) + LINE),
        colour: paint,
      };
    }),
  );
}

/** Twelve bars around the selected layer. */
export function frameInstances(block: Block | undefined, colour: string): Instance[] {
  if (!block) return [];
  const half = block.size.map((length) => length / 2 + FRAME * 1.5) as unknown as Point;
  const paint = rgb(colour);
  return AXES.flatMap((along) =>
    [0, 1, 2, 3].map((corner) => {
      const [first, second] = AXES.filter((axis) => axis !== along) as [0 | 1 | 2, 0 | 1 | 2];
      const offset: [number, number, number] = [0, 0, 0];
      offset[first] = half[first] * (corner & 1 ? 1 : -1);
      offset[second] = half[second] * (corner & 2 ? 1 : -1);
      return {
        key: `frame ${along} ${corner}`,
        shape: "box" as const,
        centre: perAxis((axis) => block.centre[axis] + offset[axis]),
        size: perAxis((axis) => (axis === along ? 2 * half[axis] + FRAME : FRAME)),
        colour: paint,
      };
    }),
  );
}

export const perAxis = (value: (axis: 0 | 1 | 2) => number): Point => [value(0), value(1), value(2)];
