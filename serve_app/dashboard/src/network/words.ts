import { count } from "../model/format";
import { CHANGE_MARKS } from "./changeMarks";
import type { Block, Change, LayerBox, Length, NetworkLayout } from "./types";

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
  const mark = layer.change === undefined ? "" : `${CHANGE_MARKS[layer.change]} `;
  const title = members.length > 1 ? `${layerTitle(layer)} (${members.length}×)` : layerTitle(layer);
  const lines = [mark + title, shapeText(layer.output_shape)];
  if (layer.parameters > 0) lines.push(parametersText(layer.parameters));
  const [first] = layer.differences ?? [];
  if (first !== undefined) lines.push(first);
  return lines;
}

/** One sentence that a screen reader speaks for a layer. */
export function layerSentence(layer: LayerBox, index: number, total: number): string {
  const parts = [layerTitle(layer), `output ${shapeText(layer.output_shape)}`, parametersText(layer.parameters)];
  if (layer.change !== undefined) parts.push(changeText(layer));
  return `Layer ${index + 1} of ${total}: ${parts.join(", ")}.`;
}

/** One sentence that says what a drawing shows. */
export function networkSentence(layout: NetworkLayout): string {
  const { layers, repeats } = layout;
  const own = layers.filter(({ change }) => change !== "removed");
  if (own.length === 0) return "No layers.";
  const total = own.reduce((sum, layer) => sum + layer.parameters, 0);
  const [first, last] = [own[0], own[own.length - 1]];
  const folded = repeats.length === 0 ? "" : " Equal layers are drawn once.";
  return `${own.length} layers from ${shapeText(first?.output_shape ?? [])} to ${shapeText(last?.output_shape ?? [])}, ${parametersText(total)}.${folded}${changesSentence(layers)}`;
}

/** "added", "changed: filters 32 → 64". */
export function changeText({ change, differences = [] }: LayerBox): string {
  if (change === undefined) return "the same";
  return differences.length === 0 ? change : `${change}: ${differences.join(", ")}`;
}

function changesSentence(layers: readonly LayerBox[]): string {
  const parts = (Object.keys(CHANGE_MARKS) as Change[]).flatMap((change) => {
    const many = layers.filter((layer) => layer.change === change).length;
    return many === 0 ? [] : `${count(many)} ${change}`;
  });
  return parts.length === 0 ? "" : ` Against the other network: ${parts.join(", ")}.`;
}
