/**
 * One unit solid for each shape, with its shading as colours of its corners: no lamps are needed, and the side that faces
 * the viewer has exactly the colour of the legend.
 */
import {
  BoxGeometry,
  BufferAttribute,
  type BufferGeometry,
  CylinderGeometry,
  MeshBasicMaterial,
  OctahedronGeometry,
  SphereGeometry,
} from "three";
import { SHAPES, type Shape } from "../types";

export type Geometries = Record<Shape, BufferGeometry>;

export interface Solids {
  geometries: Geometries;
  material: MeshBasicMaterial;
  dispose: () => void;
}

export function solids(): Solids {
  const geometries: Geometries = {
    box: shadedByNormals(new BoxGeometry(1, 1, 1)),
    cylinder: shadedByNormals(new CylinderGeometry(0.5, 0.5, 1, 40).rotateZ(-Math.PI / 2)),
    sphere: shadedByNormals(new SphereGeometry(0.5, 40, 24)),
    frustum: shadedByNormals(frustum()),
    gem: shadedByNormals(new OctahedronGeometry(0.5)),
  };
  const material = new MeshBasicMaterial({ vertexColors: true, toneMapped: false });
  const dispose = () => {
    for (const shape of SHAPES) geometries[shape].dispose();
    material.dispose();
  };
  return { geometries, material, dispose };
}

/** A pyramid along x without its point: 1 high and wide on the left, half of it on the right. */
function frustum(): BufferGeometry {
  const corner = Math.SQRT1_2;
  const smooth = new CylinderGeometry(corner / 2, corner, 1, 4).rotateY(Math.PI / 4).rotateZ(-Math.PI / 2);
  const flat = smooth.toNonIndexed();
  smooth.dispose();
  flat.computeVertexNormals();
  return flat;
}

function shadedByNormals(geometry: BufferGeometry): BufferGeometry {
  const normals = geometry.getAttribute("normal");
  const colours = new Float32Array(normals.count * 3);
  for (let corner = 0; corner < normals.count; corner++) {
    const brightness = shade(normals.getX(corner), normals.getY(corner), normals.getZ(corner));
    colours.fill(brightness, corner * 3, corner * 3 + 3);
  }
  geometry.setAttribute("color", new BufferAttribute(colours, 3));
  geometry.deleteAttribute("uv");
  return geometry;
}

/** 1 in front, more on top, less on the other sides. */
function shade(x: number, y: number, z: number): number {
  return 1 + 0.25 * Math.max(0, y) - 0.5 * Math.max(0, -y) - 0.4 * Math.abs(x) - 0.3 * Math.max(0, -z);
}
