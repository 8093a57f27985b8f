import { describe, expect, it } from "vitest";
import { layerAfterKey, moved, turned, viewAfterKey, zoomed } from "./moves";
import type { Bounds, Point } from "./types";
import { bounded, cameraOf, decodeView, encodeView, FIELD_OF_VIEW, FIT, isFit, type View, viewOf } from "./view";

const BOUNDS: Bounds = { low: [0, -2, -1], high: [14, 3, 1] };
const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({
  key,
  shiftKey: false,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  ...more,
});

describe("a view", () => {
  it("survives the address", () => {
    const view: View = { azimuth: 0.7, polar: 1.01, zoom: 2.5, target: [1.25, -0.5, 0] };
    expect(decodeView(encodeView(view))).toEqual(view);
    expect(isFit(decodeView(null))).toBe(true);
  });

  it("falls back to the one that fits where the address is damaged", () => {
    for (const text of ["", "1_2", "a_b_c_d_e_f", "1_1_NaN_0_0_0", "1_1_1_0_0_Infinity", "1_1_1_0_0_0_0", "1_1__0_0_0"])
      expect(decodeView(text)).toEqual(FIT);
  });

  it("stays within bounds", () => {
    const far = bounded({ azimuth: 20, polar: 9, zoom: 1e9, target: [1e9, 0, 0] });
    expect(Math.abs(far.azimuth)).toBeLessThanOrEqual(Math.PI);
    expect(far.polar).toBeLessThan(Math.PI);
    expect(far.zoom).toBe(30);
    expect(far.target[0]).toBe(1000);
  });

  it("is found again from its camera", () => {
    const view: View = { azimuth: -1.2, polar: 0.8, zoom: 1.7, target: [2, 0.5, -1] };
    const found = viewOf(cameraOf(view, BOUNDS, 1.6), BOUNDS, 1.6);
    expect(encodeView(found)).toBe(encodeView(view));
  });

  it("shows all corners, from every side and on every screen", () => {
    for (const aspect of [0.5, 1, 2.4]) {
      for (const azimuth of [-2, -0.45, 0, 1.5, 3]) {
        const camera = cameraOf({ ...FIT, azimuth }, BOUNDS, aspect);
        for (const [x, y] of cornersSeen(camera.position, camera.target)) {
          expect(Math.abs(y)).toBeLessThan(Math.tan(FIELD_OF_VIEW / 2));
          expect(Math.abs(x)).toBeLessThan(Math.tan(FIELD_OF_VIEW / 2) * aspect);
        }
      }
    }
  });
});

describe("keys", () => {
  it("turn, move, zoom and fit", () => {
    expect(viewAfterKey(FIT, press("ArrowLeft", { shiftKey: true }))).toEqual(turned(FIT, "left"));
    expect(viewAfterKey(FIT, press("ArrowUp", { altKey: true }))).toEqual(moved(FIT, "up"));
    expect(viewAfterKey(FIT, press("+"))?.zoom).toBeCloseTo(1.25);
    expect(viewAfterKey(zoomed(FIT, false), press("0"))).toEqual(FIT);
    expect(viewAfterKey(FIT, press("ArrowLeft"))).toBeNull();
    expect(viewAfterKey(FIT, press("+", { ctrlKey: true }))).toBeNull();
  });

  it("select layers", () => {
    expect(layerAfterKey(null, 9, press("ArrowRight"))).toBe(0);
    expect(layerAfterKey(null, 9, press("ArrowLeft"))).toBe(8);
    expect(layerAfterKey(8, 9, press("ArrowDown"))).toBe(8);
    expect(layerAfterKey(3, 9, press("Home"))).toBe(0);
    expect(layerAfterKey(3, 9, press("End"))).toBe(8);
    expect(layerAfterKey(3, 9, press("Escape"))).toBeNull();
    expect(layerAfterKey(3, 9, press("ArrowLeft", { shiftKey: true }))).toBeUndefined();
    expect(layerAfterKey(null, 0, press("ArrowRight"))).toBeUndefined();
  });
});

/** The corners of BOUNDS as seen by a camera, as tangents of the angles to the right and up. */
function cornersSeen(position: Point, target: Point): [number, number][] {
  const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  const dot = (a: Point, b: Point) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const cross = (a: Point, b: Point): Point => [
    a[1] * b[2] - a[2] * b[1],
    a[2] * b[0] - a[0] * b[2],
    a[0] * b[1] - a[1] * b[0],
  ];
  const unit = (a: Point): Point => a.map((value) => value / Math.hypot(...a)) as unknown as Point;
  const ahead = unit(minus(target, position));
  const right = unit(cross(ahead, [0, 1, 0]));
  const up = cross(right, ahead);
  const seen: [number, number][] = [];
  for (const x of [BOUNDS.low[0], BOUNDS.high[0]])
    for (const y of [BOUNDS.low[1], BOUNDS.high[1]])
      for (const z of [BOUNDS.low[2], BOUNDS.high[2]]) {
        const from = minus([x, y, z], position);
        expect(dot(from, ahead)).toBeGreaterThan(0);
        seen.push([dot(from, right) / dot(from, ahead), dot(from, up) / dot(from, ahead)]);
      }
  return seen;
}
