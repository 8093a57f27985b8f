/** A length of a shape; null: any length. */
export type Length = number | null;

/** What a drawing needs to know of a layer. Both `VisualLayer` and `LayerOutline` of the API are such. */
export interface LayerBox {
  layer_type: string;
  /** Without the batch axis. */
  output_shape: readonly Length[];
  parameters: number;
  layer_id?: string;
  input_shape?: readonly Length[];
  activation?: string | null;
  filters?: number | null;
  kernel_size?: readonly number[] | null;
  units?: number | null;
  /** In [0, 1]; null: not measured. */
  health?: number | null;
  /** How it differs from the other network that is laid over it; absent: it does not, or there is none. */
  change?: Change;
  /** What changed, in words: "filters 32 → 64". */
  differences?: readonly string[];
}

export type Change = "added" | "removed" | "changed";

export type LayerKind =
  | "input"
  | "convolution"
  | "recurrent"
  | "dense"
  | "embedding"
  | "attention"
  | "pooling"
  | "normalisation"
  | "activation"
  | "dropout"
  | "reshape"
  | "merge"
  | "other";

export const SHAPES = ["box", "cylinder", "sphere", "frustum", "gem"] as const;
/** A frustum becomes narrower to the right; a gem is an octahedron. Cylinders lie along the network. */
export type Shape = (typeof SHAPES)[number];

export type Point = readonly [x: number, y: number, z: number];

/** One drawn layer, or several equal ones that are drawn once. x: along the network; y: up; z: to the viewer. */
export interface Block {
  /** Kind and number, as "convolution-2": the same for the same place in another network. */
  key: string;
  kind: LayerKind;
  shape: Shape;
  centre: Point;
  size: Point;
  /** The layer that is drawn: the first of the equal ones. */
  layer: LayerBox;
  /** Numbers of the layers that it stands for, from 0. */
  members: readonly number[];
  /** Without weights, and only a step between others: its label may be left out first. */
  minor: boolean;
}

/** A connection of two blocks, as corners of a line along the axes. */
export interface Link {
  from: string;
  to: string;
  points: readonly Point[];
}

/** Blocks in a row that stand for `times` equal rows of layers. */
export interface Repeat {
  keys: readonly string[];
  times: number;
  left: number;
  right: number;
  top: number;
}

export interface Bounds {
  low: Point;
  high: Point;
}

export interface NetworkLayout {
  layers: readonly LayerBox[];
  blocks: readonly Block[];
  links: readonly Link[];
  repeats: readonly Repeat[];
  bounds: Bounds;
}
