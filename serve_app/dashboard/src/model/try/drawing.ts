/**
 * Turns what a person drew into an image as the data set has them. Pure.
 *
 * As for MNIST (LeCun et al., 1998), the drawing is scaled to a fixed share of the image and moved until its centre of
 * mass is the centre of the image. The share and the background are those of the study's own samples.
 */

export interface Point {
  /** From 0 (left) to 1 (right) of the pad. */
  x: number;
  /** From 0 (top) to 1 (bottom) of the pad. */
  y: number;
}

export type Stroke = readonly Point[];

/** A grey image, row by row, each value in [0, 1] from black to white. */
export interface Grey {
  height: number;
  width: number;
  values: readonly number[] | Float32Array;
}

/** How the images of a data set look. */
export interface Look {
  height: number;
  width: number;
  /** Whether the background is black, and the ink white. */
  dark: boolean;
  /** Share of the image's height or width that the ink takes, the larger of the two, in (0, 1]. */
  extent: number;
}

/** MNIST's digits fill 20 of 28 pixels. */
export const USUAL_EXTENT = 20 / 28;
/** Radius of the pen as a share of the drawing's size: about that of MNIST's strokes. */
const PEN = 0.07;
/** Ink from which a pixel counts as drawn. */
const DRAWN = 0.3;
/** A drawing smaller than an eighth of the pad is not blown up to the whole image: it may be a slip of the hand. */
const MOST_SCALE = 8;
/** About how many pixels one side of the image has before it is made smaller. */
const FINE = 128;

/** The look of a data set from some of its images; without any, that of MNIST. */
export function lookOf(samples: readonly Grey[], height: number, width: number): Look {
  const borders = samples.map(border).filter(Number.isFinite);
  const dark = borders.length === 0 || median(borders) < 0.5;
  const extents = samples.map((sample) => extentOf(sample, dark)).filter((extent) => extent > 0);
  const extent = extents.length === 0 ? USUAL_EXTENT : Math.min(1, Math.max(0.4, median(extents)));
  return { height, width, dark, extent };
}

/** The drawing as an image of this look; null: nothing was drawn. */
export function asSample(strokes: readonly Stroke[], look: Look): Grey | null {
  const points = strokes.flat();
  if (points.length === 0) return null;
  const box = boxOf(points);
  const side = Math.min(look.height, look.width);
  const radius = PEN * look.extent * side;
  const room = { x: look.extent * look.width - 2 * radius, y: look.extent * look.height - 2 * radius };
  // The pad is as large as a square in which the image fits.
  const longest = Math.max(look.height, look.width);
  const scale = Math.min(
    MOST_SCALE * longest * look.extent,
    room.x / Math.max(1e-9, box.right - box.left),
    room.y / Math.max(1e-9, box.bottom - box.top),
  );
  const middle = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  const placed = strokes.map((stroke) =>
    stroke.map(({ x, y }) => ({
      x: (x - middle.x) * scale + look.width / 2,
      y: (y - middle.y) * scale + look.height / 2,
    })),
  );
  const fine = Math.max(2, Math.ceil(FINE / longest));
  const first = inked(placed, radius, look, fine);
  const shift = centring(first, placed.flat(), radius, look);
  const moved = placed.map((stroke) => stroke.map(({ x, y }) => ({ x: x + shift.x, y: y + shift.y })));
  const ink = inked(moved, radius, look, fine);
  const most = Math.max(...ink, 1e-9);
  return {
    height: look.height,
    width: look.width,
    values: ink.map((value) => (look.dark ? value / most : 1 - value / most)),
  };
}

/** The share of each pixel that the pen covered, in [0, 1]: each pixel is looked at in `fine` x `fine` places. */
function inked(strokes: readonly Stroke[], radius: number, { height, width }: Look, fine: number): number[] {
  const [rows, columns] = [height * fine, width * fine];
  const covered = new Uint8Array(rows * columns);
  for (const stroke of strokes) {
    stroke.forEach((end, place) => {
      const begin = stroke[Math.max(0, place - 1)] ?? end;
      const first = Math.max(0, Math.floor((Math.min(begin.y, end.y) - radius) * fine));
      const last = Math.min(rows - 1, Math.ceil((Math.max(begin.y, end.y) + radius) * fine));
      const left = Math.max(0, Math.floor((Math.min(begin.x, end.x) - radius) * fine));
      const right = Math.min(columns - 1, Math.ceil((Math.max(begin.x, end.x) + radius) * fine));
      for (let row = first; row <= last; row += 1) {
        for (let column = left; column <= right; column += 1) {
          const at = { x: (column + 0.5) / fine, y: (row + 0.5) / fine };
          if (distance(at, begin, end) <= radius) covered[row * columns + column] = 1;
        }
      }
    });
  }
  const pixels = new Array<number>(height * width).fill(0);
  covered.forEach((one, place) => {
    if (one === 0) return;
    const pixel = Math.floor(Math.floor(place / columns) / fine) * width + Math.floor((place % columns) / fine);
    pixels[pixel] = (pixels[pixel] ?? 0) + 1 / fine ** 2;
  });
  return pixels;
}

/** How far to move the drawing, in pixels, so that its centre of mass is in the middle and nothing leaves the image. */
function centring(ink: readonly number[], points: readonly Point[], radius: number, look: Look): Point {
  let [mass, x, y] = [0, 0, 0];
  ink.forEach((value, place) => {
    mass += value;
    x += value * ((place % look.width) + 0.5);
    y += value * (Math.floor(place / look.width) + 0.5);
  });
  if (mass === 0) return { x: 0, y: 0 };
  const box = boxOf(points);
  return {
    x: within(look.width / 2 - x / mass, radius - box.left, look.width - radius - box.right),
    y: within(look.height / 2 - y / mass, radius - box.top, look.height - radius - box.bottom),
  };
}

function within(value: number, low: number, high: number): number {
  return low > high ? 0 : Math.min(high, Math.max(low, value));
}

/** Distance of a point from a line between two points. */
function distance(at: Point, begin: Point, end: Point): number {
  const [dx, dy] = [end.x - begin.x, end.y - begin.y];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((at.x - begin.x) * dx + (at.y - begin.y) * dy) / length));
  return Math.hypot(at.x - begin.x - share * dx, at.y - begin.y - share * dy);
}

function boxOf(points: readonly Point[]): { left: number; right: number; top: number; bottom: number } {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const { x, y } of points) {
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

/** Mean of the pixels at the edge. */
function border({ height, width, values }: Grey): number {
  let [sum, count] = [0, 0];
  values.forEach((value, place) => {
    const [row, column] = [Math.floor(place / width), place % width];
    if (row > 0 && row < height - 1 && column > 0 && column < width - 1) return;
    sum += value;
    count += 1;
  });
  return sum / count;
}

function extentOf({ height, width, values }: Grey, dark: boolean): number {
  const points: Point[] = [];
  values.forEach((value, place) => {
    if ((dark ? value : 1 - value) > DRAWN) points.push({ x: place % width, y: Math.floor(place / width) });
  });
  if (points.length === 0) return 0;
  const box = boxOf(points);
  return Math.max((box.right - box.left + 1) / width, (box.bottom - box.top + 1) / height);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
