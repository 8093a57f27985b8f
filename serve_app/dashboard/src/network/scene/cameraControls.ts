/** The camera of the scene: set by a view, moved by mouse and touch, told as a view again. */
import { type PerspectiveCamera, TOUCH } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import type { Bounds, Point } from "../types";
import { cameraOf, encodeView, type View, viewOf } from "../view";

export class CameraControls {
  private readonly controls: OrbitControls | null;
  private bounds: Bounds = { low: [0, 0, 0], high: [1, 1, 1] };
  /** For which picture and bounds the camera was set. */
  private frame = "";
  private setting = false;
  /** The view of the last motion by hand: to set it again would only round it. */
  private told: string | null = null;

  constructor(
    private readonly camera: PerspectiveCamera,
    canvas: HTMLElement | null,
    private readonly onMoved: (view: View) => void,
  ) {
    this.controls = canvas && new OrbitControls(camera, canvas);
    if (!this.controls) return;
    this.controls.zoomToCursor = true;
    this.controls.touches = { ONE: TOUCH.ROTATE, TWO: TOUCH.DOLLY_PAN };
    this.controls.addEventListener("change", () => this.moved());
  }

  /** Show a view of a network with these bounds. */
  set(view: View, bounds: Bounds, aspect: number, always = false): void {
    const frame = [aspect, ...bounds.low, ...bounds.high].join();
    if (!always && frame === this.frame && this.told === encodeView(view)) return;
    this.frame = frame;
    this.bounds = bounds;
    this.told = null;
    const { position, target } = cameraOf(view, bounds, aspect);
    const distance = Math.hypot(...position.map((value, axis) => value - (target[axis] ?? 0)));
    const length = Math.hypot(...bounds.high.map((value, axis) => value - (bounds.low[axis] ?? 0)));
    this.camera.near = Math.max(0.02, distance / 200);
    this.camera.far = distance * 40 + length * 4;
    this.camera.position.set(...position);
    this.camera.lookAt(...target);
    this.camera.updateProjectionMatrix();
    if (!this.controls) return;
    this.setting = true;
    const fit = distance * view.zoom;
    this.controls.minDistance = fit / 30;
    this.controls.maxDistance = fit / 0.2;
    this.controls.target.set(...target);
    this.controls.update();
    this.setting = false;
  }

  dispose(): void {
    this.controls?.dispose();
  }

  private moved(): void {
    if (this.setting || !this.controls) return;
    const position = this.camera.position.toArray() as unknown as Point;
    const target = this.controls.target.toArray() as unknown as Point;
    const view = viewOf({ position, target }, this.bounds, this.camera.aspect || 1);
    this.told = encodeView(view);
    this.onMoved(view);
  }
}
