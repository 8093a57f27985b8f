/** A whole flat picture: where the drawing lies in it, and which labels fit. Pure; the page and the files use it. */
import { blockMarks, type Flat, flat, flatBounds, linkMarks, type Mark } from "./drawing";
import { type Candidate, labelPriority, placedLabels, textWidth } from "./labels";
import type { NetworkLayout } from "./types";
import type { View } from "./view";
import { labelLines } from "./words";

export const LINE_HEIGHT = 14;
/** Free pixels around the drawing; below there is room for the labels. */
const ROOM = { side: 36, top: 30, bottom: 62 };
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

export interface PlacedLabel {
  key: string;
  x: number;
  y: number;
  lines: readonly string[];
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
    labels: compact ? [] : flatLabels(layout, transform, width, height, options.selected),
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

function flatLabels(
  layout: NetworkLayout,
  at: Transform,
  width: number,
  height: number,
  selected: string | null,
): PlacedLabel[] {
  const pixels = ([x, y]: Flat): Flat => [at.x + x * at.scale, at.y + y * at.scale];
  const wanted = layout.blocks.map((block) => {
    const [x] = pixels(flat(block.centre));
    const [, y] = pixels(
      flat([block.centre[0], block.centre[1] - block.size[1] / 2, block.centre[2] + block.size[2] / 2]),
    );
    const priority = labelPriority(block.key === selected, block.minor, block.layer.parameters);
    return candidate(block.key, x, y + 6, labelLines(block), priority);
  });
  for (const repeat of layout.repeats) {
    const [x, y] = pixels(flat([(repeat.left + repeat.right) / 2, repeat.top, 0]));
    wanted.push(candidate(repeatKey(repeat.keys), x, y - LINE_HEIGHT - 10, [`× ${repeat.times}`], 500));
  }
  const shown = placedLabels(wanted, width, height);
  return wanted.filter(({ key }) => shown.has(key)).map(({ key, x, y, lines }) => ({ key, x, y, lines }));
}

export const repeatKey = (keys: readonly string[]): string => `repeat ${keys[0] ?? ""}`;

type LabelCandidate = Candidate & { lines: readonly string[] };

export function candidate(
  key: string,
  x: number,
  y: number,
  lines: readonly string[],
  priority: number,
): LabelCandidate {
  const width = Math.max(...lines.map(textWidth));
  return { key, x, y, lines, priority, width, height: lines.length * LINE_HEIGHT };
}
