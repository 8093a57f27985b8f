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
export const FIELD_OF_VIEW = 0.55;
const ZOOM = { lowest: 0.2, highest: 30 };
const POLAR = { lowest: 0.05, highest: Math.PI - 0.05 };
/** Room around the network for its labels, as a factor. */
const MARGIN = 1.12;

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

export interface Camera {
  position: Point;
  target: Point;
}

/** Where the camera stands for a view. `aspect` is width by height of the picture. */
export function cameraOf(view: View, bounds: Bounds, aspect: number): Camera {
  const centre = middle(bounds);
  const distance = fitDistance(view, bounds, aspect) / view.zoom;
  const target: Point = [centre[0] + view.target[0], centre[1] + view.target[1], centre[2] + view.target[2]];
  const back = direction(view);
  return {
    target,
    position: [0, 1, 2].map((axis) => at(target, axis) + distance * at(back, axis)) as unknown as Point,
  };
}

/** The view of a camera that a person moved. */
export function viewOf(camera: Camera, bounds: Bounds, aspect: number): View {
  const [x, y, z] = [0, 1, 2].map((axis) => at(camera.position, axis) - at(camera.target, axis)) as [
    number,
    number,
    number,
  ];
  const distance = Math.hypot(x, y, z) || 1;
  const centre = middle(bounds);
  const turned = {
    azimuth: Math.atan2(x, z),
    polar: Math.acos(Math.min(1, Math.max(-1, y / distance))),
    target: [0, 1, 2].map((axis) => at(camera.target, axis) - at(centre, axis)) as unknown as Point,
  };
  return bounded({ ...turned, zoom: fitDistance({ ...turned, zoom: 1 }, bounds, aspect) / distance });
}

/** The distance from which all corners of the bounds are in the picture, seen from the view's angles. */
function fitDistance(view: View, bounds: Bounds, aspect: number): number {
  const vertical = Math.tan(FIELD_OF_VIEW / 2);
  const horizontal = vertical * Math.max(0.1, aspect);
  const back = direction(view);
  const right: Point = [Math.cos(view.azimuth), 0, -Math.sin(view.azimuth)];
  const up = cross(back, right);
  const centre = middle(bounds);
  const needed = corners(bounds).map((corner) => {
    const from: Point = [corner[0] - centre[0], corner[1] - centre[1], corner[2] - centre[2]];
    const side = Math.max(Math.abs(dot(from, right)) / horizontal, Math.abs(dot(from, up)) / vertical);
    return side * MARGIN + dot(from, back);
  });
  return Math.max(1, ...needed);
}

/** From the target to the camera. */
function direction(view: View): Point {
  const flat = Math.sin(view.polar);
  return [flat * Math.sin(view.azimuth), Math.cos(view.polar), flat * Math.cos(view.azimuth)];
}

export function middle({ low, high }: Bounds): Point {
  return [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2];
}

function corners({ low, high }: Bounds): Point[] {
  return [low[0], high[0]].flatMap((x) =>
    [low[1], high[1]].flatMap((y) => [low[2], high[2]].map((z) => [x, y, z] as const)),
  );
}

const at = (point: Point, axis: number): number => point[axis] ?? 0;
const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Point, b: Point): Point => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
