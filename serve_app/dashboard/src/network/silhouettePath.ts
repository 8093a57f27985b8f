import { flat } from "./drawing";
import type { Block, NetworkLayout } from "./types";

/** All blocks of a layout, seen from the front, as one SVG path. */
export function silhouettePath(layout: NetworkLayout): string {
  const lines = layout.links.map(({ points }) => {
    const corners = points.map(flat);
    const [first, last] = [corners[0], corners[corners.length - 1]];
    if (!first || !last || corners.length > 2) return "";
    return rectangle((first[0] + last[0]) / 2, first[1], (last[0] - first[0]) / 2, 0.03);
  });
  return [...layout.blocks.map(outline), ...lines].join("");
}

function outline(block: Block): string {
  const [x, y] = flat([block.centre[0], block.centre[1], 0]);
  const [width, height] = [block.size[0] / 2, block.size[1] / 2];
  switch (block.shape) {
    case "sphere":
      return ellipse(x, y, width, height);
    case "cylinder":
      return (
        ellipse(x - width, y, height * 0.3, height) +
        ellipse(x + width, y, height * 0.3, height) +
        rectangle(x, y, width, height)
      );
    case "frustum":
      return polygon([
        [x - width, y - height],
        [x + width, y - height / 2],
        [x + width, y + height / 2],
        [x - width, y + height],
      ]);
    case "gem":
      return polygon([
        [x - width, y],
        [x, y - height],
        [x + width, y],
        [x, y + height],
      ]);
    case "box":
      return rectangle(x, y, width, height);
  }
}

const n = (value: number): string => String(Math.round(value * 100) / 100);

function rectangle(x: number, y: number, width: number, height: number): string {
  return polygon([
    [x - width, y - height],
    [x + width, y - height],
    [x + width, y + height],
    [x - width, y + height],
  ]);
}

function polygon(points: readonly (readonly [number, number])[]): string {
  return `M${points.map(([x, y]) => `${n(x)} ${n(y)}`).join("L")}Z`;
}

/** Clockwise like the polygons, so that overlapping parts are filled. */
function ellipse(x: number, y: number, width: number, height: number): string {
  const arc = (to: number) => `A${n(width)} ${n(height)} 0 0 1 ${n(to)} ${n(y)}`;
  return `M${n(x - width)} ${n(y)}${arc(x + width)}${arc(x - width)}Z`;
}
