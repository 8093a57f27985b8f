/**
 * A layout drawn flat: polygons and ellipses with their colours, in scene units, y downwards. What is behind goes to the
 * right and up (an oblique projection), so heights and lengths stay to scale. The SVG on the page, the SVG file and the
 * PNG in SVG mode are all made of these.
 */
import { flatMarks } from "./changeMarks";
import { shaded } from "./colours";
import type { Block, NetworkLayout, Point } from "./types";

export interface Mark {
  tag: "polygon" | "ellipse" | "polyline";
  attributes: Readonly<Record<string, string | number>>;
}

const SIDEWAYS = 0.34;
const UPWARDS = 0.26;
export type Flat = readonly [x: number, y: number];

export const flat = ([x, y, z]: Point): Flat => [x - z * SIDEWAYS, -y + z * UPWARDS];

/**
 * The faces of a block, back to front, and the sign of its change. The picture shows right sides, so blocks are drawn
 * from left to right. A layer that the network no longer has is dashed.
 */
export function blockMarks(block: Block, colour: string): Mark[] {
  return [...faces(block, colour), ...flatMarks(block, shaded(colour, 0.8), flat)];
}

function faces(block: Block, colour: string): Mark[] {
  const outline = shaded(colour, 0.62);
  const removed = block.layer.change === "removed";
  const stroke = {
    stroke: outline,
    "stroke-width": 1,
    ...(removed ? { "stroke-dasharray": "4 3", "fill-opacity": 0.45 } : {}),
    "stroke-linejoin": "round",
    "vector-effect": "non-scaling-stroke",
  };
  const [x, y, z] = block.centre;
  const [width, height, depth] = block.size.map((length) => length / 2) as [number, number, number];
  const corner = (right: number, up: number, near: number): Flat =>
    flat([x + right * width, y + up * height, z + near * depth]);
  const polygon = (points: readonly Flat[], factor: number): Mark => ({
    tag: "polygon",
    attributes: { points: text(points), fill: shaded(colour, factor), ...stroke },
  });
  const [cx, cy] = flat(block.centre);
  switch (block.shape) {
    case "box":
      return [
        polygon([corner(-1, 1, 1), corner(1, 1, 1), corner(1, 1, -1), corner(-1, 1, -1)], 1.22),
        polygon([corner(1, 1, 1), corner(1, 1, -1), corner(1, -1, -1), corner(1, -1, 1)], 0.8),
        polygon([corner(-1, 1, 1), corner(1, 1, 1), corner(1, -1, 1), corner(-1, -1, 1)], 1),
      ];
    case "cylinder": {
      const cap = (right: number, fill: string): Mark => ({
        tag: "ellipse",
        attributes: {
          cx: round(cx + right * width),
          cy: round(cy),
          rx: round(height * SIDEWAYS),
          ry: round(height),
          fill,
          ...stroke,
        },
      });
      const body = [cx - width, cy - height, cx + width, cy - height, cx + width, cy + height, cx - width, cy + height];
      const sides: Flat[] = [0, 2, 4, 6].map((place) => [body[place] ?? 0, body[place + 1] ?? 0]);
      return [cap(-1, colour), polygon(sides, 1), cap(1, shaded(colour, 0.8))];
    }
    case "sphere":
      return [
        {
          tag: "ellipse",
          attributes: { cx: round(cx), cy: round(cy), rx: round(width), ry: round(height), fill: colour, ...stroke },
        },
        {
          tag: "ellipse",
          attributes: {
            cx: round(cx - width * 0.3),
            cy: round(cy - height * 0.35),
            rx: round(width * 0.28),
            ry: round(height * 0.2),
            fill: shaded(colour, 1.35),
          },
        },
      ];
    case "frustum":
      return [
        polygon(
          [
            [cx - width, cy - height],
            [cx + width, cy - height * 0.5],
            [cx + width, cy + height * 0.5],
            [cx - width, cy + height],
          ],
          1,
        ),
      ];
    case "gem":
      return [
        polygon(
          [
            [cx - width, cy],
            [cx, cy - height],
            [cx + width, cy],
            [cx, cy + height],
          ],
          1,
        ),
      ];
  }
}

export function linkMarks(layout: NetworkLayout, colour: string): Mark[] {
  return layout.links.map(({ points }) => ({
    tag: "polyline",
    attributes: {
      points: text(points.map(flat)),
      fill: "none",
      stroke: colour,
      "stroke-width": 1.5,
      "vector-effect": "non-scaling-stroke",
    },
  }));
}

export interface FlatBounds {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The bounds of the flat drawing. */
export function flatBounds({ bounds: { low, high } }: NetworkLayout): FlatBounds {
  const corners = [low[0], high[0]].flatMap((x) =>
    [low[1], high[1]].flatMap((y) => [low[2], high[2]].map((z) => flat([x, y, z]))),
  );
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
const text = (points: readonly Flat[]): string => points.map(([x, y]) => `${round(x)},${round(y)}`).join(" ");
