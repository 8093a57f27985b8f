/** Two networks in one drawing: what the second one adds, removes and changes. Pure. */
import { type DiffRow, diffSentence, networkDiff, sizeSentence, uniqueNames } from "../../model/networkDiff";
import type { LayerBox } from "../../network/types";

export interface Overlay {
  /** Layers of both, in order; those that are the same are drawn as in the second network. */
  layers: LayerBox[];
  rows: readonly DiffRow<LayerBox>[];
  /** "2 layers were added and 1 changed; 6 are the same. Parameters: 1,000 → 2,900, 2.9 times as many." */
  sentence: string;
}

/** The second network laid over the first one. Without `removed`, layers that only the first one has are left out. */
export function overlayOf(
  first: readonly LayerBox[],
  second: readonly LayerBox[],
  firstName: string,
  removed = true,
): Overlay {
  const rows = networkDiff(first, second);
  const names = uniqueNames(rows, firstName);
  const layers = rows.flatMap(({ change, before, after, differences }, place) => {
    const layer = after ?? before;
    if (layer === null || (change === "removed" && !removed)) return [];
    const { health: _, ...plain } = layer;
    return { ...plain, layer_id: names[place], ...(change === null ? {} : { change, differences }) };
  });
  return { layers, rows, sentence: `${diffSentence(rows)} ${sizeSentence(sum(first), sum(second))}` };
}

const sum = (layers: readonly LayerBox[]): number => layers.reduce((total, { parameters }) => total + parameters, 0);
