/** Networks for tests, with the names and shapes that `tuner.models` gives its layers. */
import type { LayerBox, Length } from "./types";

export function layer(id: string, type: string, shape: readonly Length[], more: Partial<LayerBox> = {}): LayerBox {
  return { layer_id: id, layer_type: type, output_shape: shape, parameters: 0, ...more };
}

export const PLAIN: LayerBox[] = [
  layer("pixels", "InputLayer", [28, 28, 1]),
  layer("scaling", "Rescaling", [28, 28, 1]),
  layer("block1_conv", "Conv2D", [28, 28, 32], { parameters: 320, filters: 32, kernel_size: [3, 3], health: 0.95 }),
  layer("block1_pool", "MaxPooling2D", [14, 14, 32]),
  layer("block2_conv", "Conv2D", [14, 14, 64], { parameters: 18_496, filters: 64, kernel_size: [3, 3], health: 0.6 }),
  layer("block2_pool", "MaxPooling2D", [7, 7, 64]),
  layer("flatten", "Flatten", [3136]),
  layer("dense1", "Dense", [128], { parameters: 401_536, units: 128, health: 0.2 }),
  layer("classes", "Dense", [10], { parameters: 1290, units: 10 }),
];

export const RESIDUAL: LayerBox[] = [
  layer("pixels", "InputLayer", [16, 16, 3]),
  layer("block1_conv", "Conv2D", [16, 16, 16], { parameters: 448, filters: 16, kernel_size: [3, 3] }),
  layer("block1_conv2", "Conv2D", [16, 16, 16], { parameters: 2320, filters: 16, kernel_size: [3, 3] }),
  layer("block1_shortcut", "Conv2D", [16, 16, 16], { parameters: 64, filters: 16, kernel_size: [1, 1] }),
  layer("block1_add", "Add", [16, 16, 16]),
  layer("block1_output", "Activation", [16, 16, 16]),
  layer("block2_conv", "Conv2D", [16, 16, 16], { parameters: 2320, filters: 16, kernel_size: [3, 3] }),
  layer("block2_conv2", "Conv2D", [16, 16, 16], { parameters: 2320, filters: 16, kernel_size: [3, 3] }),
  layer("block2_add", "Add", [16, 16, 16]),
  layer("block2_output", "Activation", [16, 16, 16]),
  layer("classes", "Dense", [10], { parameters: 170, units: 10 }),
];

export const RECURRENT: LayerBox[] = [
  layer("tokens", "InputLayer", [200]),
  layer("embedding", "Embedding", [200, 64], { parameters: 640_000 }),
  layer("lstm1", "LSTM", [200, 32], { parameters: 12_416, units: 32 }),
  layer("average", "GlobalAveragePooling1D", [32]),
  layer("classes", "Dense", [2], { parameters: 66, units: 2 }),
];

/** Four equal rows of convolution and activation between an input and an output. */
export const REPEATED: LayerBox[] = [
  layer("image", "InputLayer", [8, 8, 4]),
  ...[1, 2, 3, 4].flatMap((copy) => [
    layer(`c${copy}`, "Conv2D", [8, 8, 4], { parameters: 148, filters: 4, kernel_size: [3, 3], health: copy / 4 }),
    layer(`a${copy}`, "ReLU", [8, 8, 4]),
  ]),
  layer("out", "Dense", [3], { parameters: 771, units: 3 }),
];
