/** Writes solids into the instanced meshes, one for each shape: one draw call each. */
import { Color, type InstancedMesh, Matrix4, SRGBColorSpace } from "three";
import type { Instance } from "../instances";
import { SHAPES, type Shape } from "../types";

export type Meshes = Partial<Record<Shape, InstancedMesh | null>>;

const matrix = new Matrix4();
const colour = new Color();

export function writeMeshes(meshes: Meshes, instances: Record<Shape, Instance[]>): void {
  for (const shape of SHAPES) {
    const mesh = meshes[shape];
    if (!mesh) continue;
    const shown = instances[shape].slice(0, mesh.instanceMatrix.count);
    shown.forEach(({ centre, size, colour: [red, green, blue] }, place) => {
      matrix.makeScale(size[0], size[1], size[2]).setPosition(centre[0], centre[1], centre[2]);
      mesh.setMatrixAt(place, matrix);
      mesh.setColorAt(place, colour.setRGB(red, green, blue, SRGBColorSpace));
    });
    mesh.count = shown.length;
    mesh.visible = shown.length > 0;
    mesh.userData.keys = shown.map(({ key }) => key);
    mesh.instanceMatrix.needsUpdate = true;
    if (mesh.instanceColor) mesh.instanceColor.needsUpdate = true;
    // The next pick computes it anew.
    mesh.boundingSphere = null;
  }
}

/** Room for that many solids; grows in steps, so that a mesh is seldom made anew. */
export function capacity(needed: number): number {
  return 2 ** Math.max(6, Math.ceil(Math.log2(Math.max(1, needed))));
}
