/**
 * The camera: two angles, a zoom (1: all layers just fit) and the point that it looks at, relative to the network's
 * centre. So a link shows the same part on every screen, and the camera survives a change of the network. The SVG uses
 * the zoom and the point only.
 */
import type { Bounds, Point } from "./types";

export interface View {
  /** Radians around the vertical axis; 0 looks at the network from the front. */
  azimuth: number;
  /** Radians from straight above. */
  polar: number;
  zoom: number;
  target: Point;
}

export const FIT: View = { azimuth: -0.45, polar: 1.2, zoom: 1, target: [0, 0, 0] };
export const FIELD_OF_VIEW = 0.4;
const ZOOM = { lowest: 0.2, highest: 30 };
const POLAR = { lowest: 0.05, highest: Math.PI - 0.05 };
/** The part of the picture, from its middle, that a network fills which fits: below it the labels have room. */
const WINDOW = { side: 0.93, top: 0.88, bottom: 0.68 };

export const isFit = (view: View): boolean => encodeView(view) === encodeView(FIT);

/** "-0.45_1.2_1_0_0_0", without signs that addresses escape. */
export function encodeView(view: View): string {
  return [view.azimuth, view.polar, view.zoom, ...view.target]
    .map((value) => String(Number(value.toFixed(2)) + 0))
    .join("_");
}

/** The view of a text; the one that fits where there is none, or a damaged one. */
export function decodeView(text: string | null): View {
  const [azimuth, polar, zoom, x, y, z, ...more] = (text ?? "")
    .split("_")
    .map((part) => (part === "" ? Number.NaN : Number(part)));
  if (azimuth === undefined || polar === undefined || zoom === undefined) return FIT;
  if (x === undefined || y === undefined || z === undefined || more.length > 0) return FIT;
  if (![azimuth, polar, zoom, x, y, z].every(Number.isFinite)) return FIT;
  return bounded({ azimuth, polar, zoom, target: [x, y, z] });
}

export function bounded(view: View): View {
  const turn = 2 * Math.PI;
  const azimuth = view.azimuth - turn * Math.round(view.azimuth / turn);
  const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
  return {
    azimuth,
    polar: within(view.polar, POLAR.lowest, POLAR.highest),
    zoom: within(view.zoom, ZOOM.lowest, ZOOM.highest),
    target: view.target.map((value) => within(value, -1000, 1000)) as unknown as Point,
  };
}

type Angles = Pick<View, "azimuth" | "polar">;

export interface Camera {
  position: Point;
  target: Point;
}

/** Where the camera stands for a view. `aspect` is width by height of the picture. */
export function cameraOf(view: View, bounds: Bounds, aspect: number): Camera {
  const fit = fitted(view, bounds, aspect);
  const target = plus(fit.target, view.target, 1);
  return { target, position: plus(target, direction(view), fit.distance / view.zoom) };
}

/** The view of a camera that a person moved. */
export function viewOf(camera: Camera, bounds: Bounds, aspect: number): View {
  const [x, y, z] = plus(camera.position, camera.target, -1);
  const distance = Math.hypot(x, y, z) || 1;
  const angles = { azimuth: Math.atan2(x, z), polar: Math.acos(Math.min(1, Math.max(-1, y / distance))) };
  const fit = fitted(angles, bounds, aspect);
  return bounded({ ...angles, target: plus(camera.target, fit.target, -1), zoom: fit.distance / distance });
}

/**
 * From where all corners of the bounds just fit into the window, seen from these angles. What is near looks larger, so
 * the camera looks at a point beside the centre: found in steps, since it depends on the distance and the other way round.
 */
function fitted(angles: Angles, bounds: Bounds, aspect: number): { target: Point; distance: number } {
  const vertical = Math.tan(FIELD_OF_VIEW / 2);
  const horizontal = vertical * Math.max(0.1, aspect);
  const back = direction(angles);
  const right: Point = [Math.cos(angles.azimuth), 0, -Math.sin(angles.azimuth)];
  const up = cross(back, right);
  const centre = middle(bounds);
  const seen = corners(bounds).map((corner) => {
    const from = plus(corner, centre, -1);
    return { across: dot(from, right), above: dot(from, up), near: dot(from, back) };
  });
  let [x, y, distance] = [0, 0, 1];
  for (let step = 0; step < 16; step++) {
    const needed = seen.map(({ across, above, near }) => {
      const side = Math.abs(across - x) / (horizontal * WINDOW.side);
      const height = Math.max((above - y) / (vertical * WINDOW.top), (y - above) / (vertical * WINDOW.bottom));
      return Math.max(side, height) + near;
    });
    distance = Math.max(1, ...needed);
    if (step === 15) break;
    x += middleOf(seen.map(({ across, near }) => (across - x) / (distance - near))) * distance;
    const wanted = (vertical * (WINDOW.top - WINDOW.bottom)) / 2;
    y += (middleOf(seen.map(({ above, near }) => (above - y) / (distance - near))) - wanted) * distance;
  }
  return { target: plus(plus(centre, right, x), up, y), distance };
}

const middleOf = (values: readonly number[]): number => (Math.min(...values) + Math.max(...values)) / 2;

/** From the target to the camera. */
function direction({ azimuth, polar }: Angles): Point {
  const flat = Math.sin(polar);
  return [flat * Math.sin(azimuth), Math.cos(polar), flat * Math.cos(azimuth)];
}

export function middle({ low, high }: Bounds): Point {
  return [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2];
}

function corners({ low, high }: Bounds): Point[] {
  return [low[0], high[0]].flatMap((x) =>
    [low[1], high[1]].flatMap((y) => [low[2], high[2]].map((z) => [x, y, z] as const)),
  );
}

const plus = (a: Point, b: Point, times: number): Point => [
  a[0] + b[0] * times,
  a[1] + b[1] * times,
  a[2] + b[2] * times,
];
const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Point, b: Point): Point => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
