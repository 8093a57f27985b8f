/** A whole flat picture: where the drawing lies in it, and which labels fit. Pure; the page and the files use it. */
import { blockMarks, type Flat, flat, flatBounds, linkMarks, type Mark } from "./drawing";
import { type Extent, networkLabels, type PlacedLabel } from "./labels";
import type { NetworkLayout } from "./types";
import type { View } from "./view";

/** Free pixels around the drawing; below there is room for the labels. */
const ROOM = { side: 36, top: 50, bottom: 62 };
const COMPACT_ROOM = { side: 10, top: 10, bottom: 10 };
/** Pixels of a scene unit at most, so that a network of two layers is not blown up. */
const LARGEST_SCALE = 90;

export interface Transform {
  /** Pixels of a scene unit. */
  scale: number;
  /** Pixels from the left and the top to the origin of the scene. */
  x: number;
  y: number;
}

export interface FlatPicture {
  width: number;
  height: number;
  transform: Transform;
  links: readonly Mark[];
  blocks: readonly { key: string; marks: readonly Mark[] }[];
  labels: readonly PlacedLabel[];
}

export interface PictureOptions {
  layout: NetworkLayout;
  /** The colour of each block, by its key. */
  colours: ReadonlyMap<string, string>;
  view: View;
  width: number;
  height: number;
  /** Key of the selected block. */
  selected: string | null;
  lineColour: string;
  compact?: boolean;
}

export function flatPicture(options: PictureOptions): FlatPicture {
  const { layout, colours, width, height, compact = false } = options;
  const transform = flatTransform(layout, options.view, width, height, compact);
  return {
    width,
    height,
    transform,
    links: linkMarks(layout, options.lineColour),
    blocks: layout.blocks.map((block) => ({
      key: block.key,
      marks: blockMarks(block, colours.get(block.key) ?? "#888888"),
    })),
    labels: compact
      ? []
      : networkLabels(layout, flatExtents(layout, transform), { width, height, emphasised: [options.selected] }),
  };
}

export function flatTransform(
  layout: NetworkLayout,
  view: View,
  width: number,
  height: number,
  compact = false,
): Transform {
  const { left, right, top, bottom } = flatBounds(layout);
  const room = compact ? COMPACT_ROOM : ROOM;
  const across = Math.max(40, width - 2 * room.side) / Math.max(0.5, right - left);
  const down = Math.max(40, height - room.top - room.bottom) / Math.max(0.5, bottom - top);
  const scale = Math.min(across, down, LARGEST_SCALE) * view.zoom;
  const [x, y] = flat(view.target);
  const centre = pictureCentre(width, height, compact);
  return {
    scale,
    x: centre[0] - ((left + right) / 2 + x) * scale,
    y: centre[1] - ((top + bottom) / 2 + y) * scale,
  };
}

/** Where the point lies that the view looks at: above the middle, since the labels stand below the drawing. */
export function pictureCentre(width: number, height: number, compact = false): Flat {
  const room = compact ? COMPACT_ROOM : ROOM;
  return [width / 2, (height + room.top - room.bottom) / 2];
}

/** Where each block appears: the box around all its corners. */
function flatExtents(layout: NetworkLayout, at: Transform): Map<string, Extent> {
  return new Map(
    layout.blocks.map(({ key, centre, size }) => {
      const [left, bottom] = flat([centre[0] - size[0] / 2, centre[1] - size[1] / 2, centre[2] + size[2] / 2]);
      const [right, top] = flat([centre[0] + size[0] / 2, centre[1] + size[1] / 2, centre[2] - size[2] / 2]);
      const [x, y] = [(value: number) => at.x + value * at.scale, (value: number) => at.y + value * at.scale];
      return [key, { left: x(left), right: x(right), top: y(top), bottom: y(bottom) }];
    }),
  );
}
