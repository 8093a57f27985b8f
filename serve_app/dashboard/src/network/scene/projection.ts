/** Where blocks appear on the screen, and which of their labels fit. */
import { type Camera, Vector3 } from "three";
import { candidate, LINE_HEIGHT, type PlacedLabel, repeatKey } from "../flatPicture";
import { labelPriority, placedLabels } from "../labels";
import type { Block, NetworkLayout } from "../types";
import { labelLines } from "../words";

interface Extent {
  x: number;
  top: number;
  bottom: number;
}

const corner = new Vector3();

/** The extent of a block in pixels; null behind the camera. */
function extent(block: Block, camera: Camera, width: number, height: number): Extent | null {
  const found = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const right of [-0.5, 0.5])
    for (const up of [-0.5, 0.5])
      for (const near of [-0.5, 0.5]) {
        const [x, y, z] = block.centre;
        corner.set(x + right * block.size[0], y + up * block.size[1], z + near * block.size[2]).project(camera);
        if (corner.z > 1) return null;
        const [across, down] = [((corner.x + 1) / 2) * width, ((1 - corner.y) / 2) * height];
        found.left = Math.min(found.left, across);
        found.right = Math.max(found.right, across);
        found.top = Math.min(found.top, down);
        found.bottom = Math.max(found.bottom, down);
      }
  return { x: (found.left + found.right) / 2, top: found.top, bottom: found.bottom };
}

export interface Emphasis {
  selected: string | null;
  hovered: string | null;
}

/** The labels of a layout that fit, in pixels. */
export function sceneLabels(
  layout: NetworkLayout,
  camera: Camera,
  width: number,
  height: number,
  { selected, hovered }: Emphasis,
): PlacedLabel[] {
  const extents = new Map(layout.blocks.map((block) => [block.key, extent(block, camera, width, height)]));
  const wanted = layout.blocks.flatMap((block) => {
    const at = extents.get(block.key);
    if (!at) return [];
    const special = block.key === selected || block.key === hovered;
    // Of a block that fills the picture the label stays inside.
    const lines = labelLines(block);
    const y = special ? Math.min(at.bottom + 4, height - lines.length * LINE_HEIGHT - 4) : at.bottom + 4;
    return [candidate(block.key, at.x, y, lines, labelPriority(special, block.minor, block.layer.parameters))];
  });
  for (const repeat of layout.repeats) {
    const parts = repeat.keys.flatMap((key) => extents.get(key) ?? []);
    if (parts.length === 0) continue;
    const x = (Math.min(...parts.map((part) => part.x)) + Math.max(...parts.map((part) => part.x))) / 2;
    const top = Math.min(...parts.map((part) => part.top));
    wanted.push(candidate(repeatKey(repeat.keys), x, top - LINE_HEIGHT - 6, [`× ${repeat.times}`], 500));
  }
  const shown = placedLabels(wanted, width, height);
  return wanted.filter(({ key }) => shown.has(key)).map(({ key, x, y, lines }) => ({ key, x, y, lines }));
}
