import type { LayerBox, LayerKind, Point, Shape } from "./types";

const KINDS: readonly (readonly [RegExp, LayerKind])[] = [
  [/LSTM|GRU|RNN|Bidirectional/, "recurrent"],
  [/^Input/, "input"],
  [/Pool/, "pooling"],
  [/Attention/, "attention"],
  [/Embedding|Hashing|Lookup|Vectorization/, "embedding"],
  [/Normalization/, "normalisation"],
  [/Dropout|GaussianNoise/, "dropout"],
  [/Conv/, "convolution"],
  [/Dense/, "dense"],
  [/ReLU|ELU|Softmax|^Activation/, "activation"],
  [/^(Add|Average|Concatenate|Dot|Maximum|Minimum|Multiply|Subtract)$/, "merge"],
  [/Flatten|Reshape|Permute|Rescaling|Resizing|Padding|Cropping|Identity|RepeatVector|Masking/, "reshape"],
];

/** The kind of a layer, by its Keras class name. */
export function layerKind(layerType: string): LayerKind {
  return KINDS.find(([pattern]) => pattern.test(layerType))?.[1] ?? "other";
}

const SHAPE_OF: Record<LayerKind, Shape> = {
  input: "box",
  convolution: "box",
  recurrent: "cylinder",
  dense: "sphere",
  embedding: "box",
  attention: "box",
  pooling: "frustum",
  normalisation: "box",
  activation: "gem",
  dropout: "sphere",
  reshape: "box",
  merge: "gem",
  other: "box",
};

export const shapeOf = (kind: LayerKind): Shape => SHAPE_OF[kind];

/** Kinds that are only a step between others. */
const MINOR: ReadonlySet<LayerKind> = new Set([
  "normalisation",
  "activation",
  "dropout",
  "reshape",
  "pooling",
  "merge",
]);

export const isMinor = (kind: LayerKind): boolean => MINOR.has(kind);

/** Thickness of a layer that only passes on what it gets. */
const PLATE = 0.12;
const SMALL = 0.4;
/** Texts and vectors are longer than images are high. */
const NARROW = 0.7;

/** A side that grows by the same amount with every doubling, so that 1 and 4,096 fit into one picture. */
const doublings = (length: number | null | undefined): number => Math.log2(Math.max(1, length ?? 1));
const side = (length: number | null | undefined): number => 0.4 + 0.38 * doublings(length);
const thickness = (length: number | null | undefined): number => 0.15 + 0.14 * doublings(length);
const ball = (units: number | null | undefined): number => 0.35 + 0.24 * doublings(units);

/** The size of a layer in scene units, by the logarithm of its output's shape. */
export function layerSize(kind: LayerKind, layer: LayerBox): Point {
  const shape = layer.output_shape;
  const last = shape[shape.length - 1];
  // An image has height, width, channels; a text has steps, features; a vector has units.
  const [height, width] = shape.length >= 3 ? [side(shape[0]), side(shape[1])] : [side(shape[0]) * NARROW, side(1)];
  switch (kind) {
    case "recurrent": {
      const diameter = side(layer.units ?? last) * 0.8;
      return [thickness(shape.length >= 2 ? shape[0] : 1) + 0.6, diameter, diameter];
    }
    case "dense":
      return cube(ball(layer.units ?? last));
    case "dropout":
      return cube(SMALL * 0.8);
    case "activation":
      return cube(SMALL);
    case "merge":
      return cube(SMALL * 1.5);
    case "other":
      return cube(SMALL * 1.5);
    case "pooling":
      return [SMALL, Math.max(SMALL, height * 0.8), Math.max(SMALL, width * 0.8)];
    case "input":
    case "normalisation":
    case "reshape":
      return [PLATE, height, width];
    default:
      return [thickness(last), height, width];
  }
}

const cube = (length: number): Point => [length, length, length];
