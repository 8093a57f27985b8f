/** What the pointer does with the view of the flat drawing. Pure. */
import type { Transform } from "./flatPicture";
import { bounded, type View } from "./view";

/** The drawing follows a pointer that is dragged by so many pixels. */
export function dragged(view: View, scale: number, right: number, down: number): View {
  const [x, y, z] = view.target;
  return bounded({ ...view, target: [x - right / scale, y + down / scale, z] });
}

/** Zoom by a factor; the point under the pointer stays where it is. `centre` is the middle of the picture. */
export function zoomedAt(view: View, transform: Transform, factor: number, pointer: Point2, centre: Point2): View {
  const closer = bounded({ ...view, zoom: view.zoom * factor });
  const kept = 1 - view.zoom / closer.zoom;
  const shift = (axis: 0 | 1) => ((pointer[axis] - centre[axis]) / transform.scale) * kept;
  const [x, y, z] = view.target;
  return bounded({ ...closer, target: [x + shift(0), y - shift(1), z] });
}

export type Point2 = readonly [x: number, y: number];
