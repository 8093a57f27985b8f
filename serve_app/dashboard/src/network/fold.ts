import type { LayerBox } from "./types";

/** Layers at the place of one block: `members` are the numbers of the equal layers. */
export interface Place {
  members: number[];
}

export interface FoldedRow {
  places: Place[];
  /** Places `first` to `last` stand for `times` equal rows. */
  repeats: { first: number; last: number; times: number }[];
}

/** The most layers of one row that is repeated: a block of a large network of one's own has about 20. */
const LONGEST = 24;
/** Fold only if that saves this many layers: two equal ones are easier to read as two. */
const WORTH = 2;

/** Draw equal rows of layers that follow each other once. `branch` tells layers beside the main line apart. */
export function foldRepeats(layers: readonly LayerBox[], branch: ReadonlySet<number>, fold: boolean): FoldedRow {
  const texts = layers.map((layer, index) => `${signature(layer)}|${branch.has(index)}`);
  const row: FoldedRow = { places: [], repeats: [] };
  for (let index = 0; index < layers.length; ) {
    const { length, times } = fold ? longestRepeat(texts, index) : { length: 1, times: 1 };
    for (let offset = 0; offset < length; offset++) {
      row.places.push({ members: Array.from({ length: times }, (_, copy) => index + copy * length + offset) });
    }
    if (times > 1) row.repeats.push({ first: row.places.length - length, last: row.places.length - 1, times });
    index += length * times;
  }
  return row;
}

/** The row from `start` whose repetitions save most layers; of equal ones the shortest. */
function longestRepeat(texts: readonly string[], start: number): { length: number; times: number } {
  let best = { length: 1, times: 1 };
  let most = WORTH - 1;
  for (let length = 1; length <= LONGEST && start + 2 * length <= texts.length; length++) {
    let times = 1;
    while (isCopy(texts, start, start + times * length, length)) times++;
    if ((times - 1) * length > most) {
      best = { length, times };
      most = (times - 1) * length;
    }
  }
  return best;
}

function isCopy(texts: readonly string[], start: number, copy: number, length: number): boolean {
  if (copy + length > texts.length) return false;
  for (let offset = 0; offset < length; offset++) if (texts[start + offset] !== texts[copy + offset]) return false;
  return true;
}

function signature(layer: LayerBox): string {
  const { layer_type, output_shape, parameters, filters, kernel_size, units, activation, change } = layer;
  return [
    layer_type,
    output_shape.join("x"),
    parameters,
    filters,
    kernel_size?.join("x"),
    units,
    activation,
    change,
  ].join("|");
}
