import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { asSample, type Grey, type Look, lookOf, type Stroke, USUAL_EXTENT } from "./drawing";
import { greyPng, pngDataUrl } from "./png";

const LOOK: Look = { height: 28, width: 28, dark: true, extent: USUAL_EXTENT };
/** A one, small and in the corner at the top left. */
const ONE: Stroke[] = [
  [
    { x: 0.1, y: 0.05 },
    { x: 0.1, y: 0.25 },
  ],
];

function at(image: Grey, row: number, column: number): number {
  return image.values[row * image.width + column] ?? Number.NaN;
}

function drawn(strokes: readonly Stroke[], look: Look): Grey {
  const image = asSample(strokes, look);
  if (image === null) throw new Error("nothing was drawn");
  return image;
}

function massCentre({ width, values }: Grey): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  values.forEach((value, place) => {
    mass += value;
    x += value * ((place % width) + 0.5);
    y += value * (Math.floor(place / width) + 0.5);
  });
  return [x / mass, y / mass];
}

/** Rows and columns with ink, from the first to the last one. */
function inkSize(image: Grey): [number, number] {
  const places = [...image.values].flatMap((value, place) => (value > 0.2 ? [place] : []));
  const rows = places.map((place) => Math.floor(place / image.width));
  const columns = places.map((place) => place % image.width);
  return [Math.max(...rows) - Math.min(...rows) + 1, Math.max(...columns) - Math.min(...columns) + 1];
}

test("a small drawing in a corner is scaled to the data's size and moved to the middle", () => {
  const image = drawn(ONE, LOOK);
  const [height, width] = inkSize(image);
  expect(height).toBeGreaterThanOrEqual(19);
  expect(height).toBeLessThanOrEqual(20);
  expect(width).toBeLessThanOrEqual(4);
  const [x, y] = massCentre(image);
  expect(x).toBeCloseTo(14, 0);
  expect(y).toBeCloseTo(14, 0);
  expect(at(image, 14, 14)).toBe(1);
  expect(at(image, 0, 0)).toBe(0);
});

test("the pen is as thick in a small drawing as in a large one", () => {
  const large = ONE.map((stroke) => stroke.map(({ x, y }) => ({ x: 4 * x, y: 4 * y - 0.1 })));
  const [small, big] = [drawn(ONE, LOOK), drawn(large, LOOK)];
  const differences = [...small.values].map((value, place) => Math.abs(value - (big.values[place] ?? 9)));
  expect(Math.max(...differences)).toBeLessThan(0.05);
});

test("the centre of mass is in the middle, not the centre of the box", () => {
  const seven: Stroke[] = [
    [
      { x: 0.2, y: 0.2 },
      { x: 0.6, y: 0.2 },
      { x: 0.5, y: 0.9 },
    ],
  ];
  const [x, y] = massCentre(drawn(seven, LOOK));
  expect(Math.abs(x - 14)).toBeLessThan(0.5);
  expect(Math.abs(y - 14)).toBeLessThan(0.5);
});

test("on a white background the ink is black", () => {
  const image = drawn(ONE, { ...LOOK, dark: false });
  expect(at(image, 0, 0)).toBe(1);
  expect(at(image, 14, 14)).toBe(0);
});

test("ink that fills the image stays inside it", () => {
  const image = drawn(ONE, { height: 8, width: 8, dark: true, extent: 1 });
  expect(inkSize(image)[0]).toBe(8);
  expect(Math.max(...image.values)).toBe(1);
});

test("a dot is an ink spot, not a full image, and no stroke is no drawing", () => {
  const dot = drawn([[{ x: 0.5, y: 0.5 }]], LOOK);
  expect(Math.max(...inkSize(dot))).toBeLessThanOrEqual(4);
  expect(asSample([], LOOK)).toBe(null);
  expect(asSample([[]], LOOK)).toBe(null);
});

test("the look is that of the samples: background, and how much of the image the ink takes", () => {
  const square = (ink: number, paper: number): Grey => ({
    height: 10,
    width: 10,
    values: Array.from({ length: 100 }, (_, place) =>
      [place % 10, Math.floor(place / 10)].every((one) => one >= 3 && one < 9) ? ink : paper,
    ),
  });
  expect(lookOf([square(1, 0)], 10, 10)).toEqual({ height: 10, width: 10, dark: true, extent: 0.6 });
  expect(lookOf([square(0, 1), square(0.1, 0.9)], 10, 10)).toMatchObject({ dark: false, extent: 0.6 });
  expect(lookOf([], 28, 28)).toEqual(LOOK);
  expect(lookOf([square(0, 0)], 28, 28)).toEqual(LOOK); // an empty image says nothing of the size
});

test("the PNG holds the pixels", () => {
  const bytes = greyPng({ height: 2, width: 3, values: [0, 0.5, 1, 1.7, -1, 0.2] });
  const view = new DataView(bytes.buffer);
  expect([...bytes.slice(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  expect([view.getUint32(16), view.getUint32(20)]).toEqual([3, 2]);
  expect([...bytes.slice(24, 26)]).toEqual([8, 0]);
  const length = view.getUint32(33);
  expect(new TextDecoder().decode(bytes.slice(37, 41))).toBe("IDAT");
  // zlib checks its sum itself.
  expect([...inflateSync(bytes.slice(41, 41 + length))]).toEqual([0, 0, 128, 255, 0, 255, 0, 51]);
  expect([...bytes.slice(-12)]).toEqual([0, 0, 0, 0, 73, 69, 78, 68, 0xae, 0x42, 0x60, 0x82]);
  expect(pngDataUrl({ height: 1, width: 1, values: [1] })).toMatch(/^data:image\/png;base64,iVBORw0KGgo/);
});
