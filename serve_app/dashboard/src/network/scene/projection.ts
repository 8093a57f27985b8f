/** Where blocks appear on the screen. */
import { type Camera, Vector3 } from "three";
import type { Extent } from "../labels";
import type { Block, NetworkLayout } from "../types";

const corner = new Vector3();

/** The extent of each block in pixels; none of those behind the camera. */
export function sceneExtents(
  layout: NetworkLayout,
  camera: Camera,
  width: number,
  height: number,
): Map<string, Extent> {
  const found = new Map<string, Extent>();
  for (const block of layout.blocks) {
    const seen = extent(block, camera, width, height);
    if (seen) found.set(block.key, seen);
  }
  return found;
}

function extent({ centre, size }: Block, camera: Camera, width: number, height: number): Extent | null {
  const found = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const right of [-0.5, 0.5])
    for (const up of [-0.5, 0.5])
      for (const near of [-0.5, 0.5]) {
        corner.set(centre[0] + right * size[0], centre[1] + up * size[1], centre[2] + near * size[2]).project(camera);
        if (corner.z > 1) return null;
        const [across, down] = [((corner.x + 1) / 2) * width, ((1 - corner.y) / 2) * height];
        found.left = Math.min(found.left, across);
        found.right = Math.max(found.right, across);
        found.top = Math.min(found.top, down);
        found.bottom = Math.max(found.bottom, down);
      }
  return found;
}
