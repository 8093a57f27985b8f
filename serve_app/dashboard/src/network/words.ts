import { count } from "../model/format";
import type { Block, LayerBox, Length, NetworkLayout } from "./types";

/** "28 × 28 × 32"; a length that may be any is "any". */
export function shapeText(shape: readonly Length[]): string {
  return shape.length === 0 ? "1" : shape.map((length) => (length === null ? "any" : String(length))).join(" × ");
}

/** "Conv2D 3×3", "Dense". */
export function layerTitle(layer: LayerBox): string {
  const kernel = layer.kernel_size?.join("×");
  return kernel ? `${layer.layer_type} ${kernel}` : layer.layer_type;
}

export function parametersText(parameters: number): string {
  if (parameters === 0) return "no parameters";
  return parameters === 1 ? "1 parameter" : `${count(parameters)} parameters`;
}

/** The lines of a block's label. */
export function labelLines(block: Block): string[] {
  const { layer, members } = block;
  const title = members.length > 1 ? `${layerTitle(layer)} (${members.length}×)` : layerTitle(layer);
  const lines = [title, shapeText(layer.output_shape)];
  if (layer.parameters > 0) lines.push(parametersText(layer.parameters));
  return lines;
}

/** One sentence that a screen reader speaks for a layer. */
export function layerSentence(layer: LayerBox, index: number, total: number): string {
  const parts = [layerTitle(layer), `output ${shapeText(layer.output_shape)}`, parametersText(layer.parameters)];
  return `Layer ${index + 1} of ${total}: ${parts.join(", ")}.`;
}

/** One sentence that says what a drawing shows. */
export function networkSentence(layout: NetworkLayout): string {
  const { layers, repeats } = layout;
  if (layers.length === 0) return "No layers.";
  const total = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const [first, last] = [layers[0], layers[layers.length - 1]];
  const folded = repeats.length === 0 ? "" : " Equal layers are drawn once.";
  return `${layers.length} layers from ${shapeText(first?.output_shape ?? [])} to ${shapeText(last?.output_shape ?? [])}, ${parametersText(total)}.${folded}`;
}
