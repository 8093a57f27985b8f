/**
 * The layers of two to four networks side by side. Layers of the same type stand in one row where the order of both
 * networks allows it (the longest common subsequence of layers, weighted: equal layers count more than similar ones).
 */

export interface ComparedLayer {
  layer_type: string;
  /** Without the batch axis; null: any length. */
  output_shape: readonly (number | null)[];
  parameters: number;
  activation?: string | null;
  filters?: number | null;
  kernel_size?: readonly number[] | null;
  units?: number | null;
}

export interface LayerRow<L extends ComparedLayer = ComparedLayer> {
  /** One for each network; null: it has no such layer. */
  cells: readonly (L | null)[];
  /** same: equal in all networks; changed: all have it, with other settings or sizes; missing: not all have it. */
  kind: "same" | "changed" | "missing";
}

const EQUAL = 4;
const SAME_SETTINGS = 3;
const SAME_TYPE = 2;

/** Rows in the order of the layers. Each network keeps its own order. */
export function alignLayers<L extends ComparedLayer>(networks: readonly (readonly L[])[]): LayerRow<L>[] {
  let rows: (L | null)[][] = [];
  networks.forEach((layers, place) => {
    rows = place === 0 ? layers.map((layer) => [layer]) : withNetwork(rows, layers, place);
  });
  return rows.map((cells) => ({ cells, kind: kindOf(cells) }));
}

function withNetwork<L extends ComparedLayer>(
  rows: readonly (L | null)[][],
  layers: readonly L[],
  before: number,
): (L | null)[][] {
  const scores = table(rows, layers);
  const width = layers.length + 1;
  const at = (row: number, layer: number) => scores[row * width + layer] ?? 0;
  const aligned: (L | null)[][] = [];
  let [row, layer] = [0, 0];
  while (row < rows.length || layer < layers.length) {
    const [cells, next] = [rows[row], layers[layer]];
    const score = cells && next ? likeness(cells, next) : 0;
    if (cells && next && score > 0 && at(row, layer) === score + at(row + 1, layer + 1)) {
      aligned.push([...cells, next]);
      [row, layer] = [row + 1, layer + 1];
    } else if (cells && (!next || at(row + 1, layer) >= at(row, layer + 1))) {
      aligned.push([...cells, null]);
      row += 1;
    } else {
      aligned.push([...new Array<null>(before).fill(null), next ?? null]);
      layer += 1;
    }
  }
  return aligned;
}

/** The best score of what follows each pair of places; entry (row, layer) is at `row * (layers + 1) + layer`. */
function table<L extends ComparedLayer>(rows: readonly (L | null)[][], layers: readonly L[]): Int32Array {
  const width = layers.length + 1;
  const scores = new Int32Array((rows.length + 1) * width);
  for (let row = rows.length - 1; row >= 0; row -= 1) {
    for (let layer = layers.length - 1; layer >= 0; layer -= 1) {
      const score = likeness(rows[row] ?? [], layers[layer] as L);
      const together = score > 0 ? score + (scores[(row + 1) * width + layer + 1] ?? 0) : 0;
      const apart = Math.max(scores[(row + 1) * width + layer] ?? 0, scores[row * width + layer + 1] ?? 0);
      scores[row * width + layer] = Math.max(together, apart);
    }
  }
  return scores;
}

function likeness<L extends ComparedLayer>(cells: readonly (L | null)[], layer: L): number {
  const own = textsOf(layer);
  let best = 0;
  for (const cell of cells) {
    if (cell === null || cell.layer_type !== layer.layer_type) continue;
    const other = textsOf(cell);
    const score = own.all === other.all ? EQUAL : own.settings === other.settings ? SAME_SETTINGS : SAME_TYPE;
    best = Math.max(best, score);
  }
  return best;
}

const texts = new WeakMap<ComparedLayer, { settings: string; all: string }>();

/** What is compared of a layer, as texts that are made once. */
function textsOf(layer: ComparedLayer): { settings: string; all: string } {
  let known = texts.get(layer);
  if (known === undefined) {
    const settings = settingsText(layer);
    const all = [layer.layer_type, layer.parameters, layer.output_shape.join(), settings].join(" ");
    known = { settings, all };
    texts.set(layer, known);
  }
  return known;
}

function kindOf(cells: readonly (ComparedLayer | null)[]): LayerRow["kind"] {
  const first = cells[0];
  if (!first || cells.includes(null)) return "missing";
  return cells.every((cell) => cell !== null && textsOf(cell).all === textsOf(first).all) ? "same" : "changed";
}

/** "32 filters, 3×3, relu"; empty for a layer without settings. */
export function settingsText(layer: ComparedLayer): string {
  const parts: string[] = [];
  if (layer.filters != null) parts.push(`${layer.filters} filters`);
  if (layer.kernel_size?.length) parts.push(layer.kernel_size.join("×"));
  if (layer.units != null) parts.push(`${layer.units} units`);
  if (layer.activation != null && layer.activation !== "linear") parts.push(layer.activation);
  return parts.join(", ");
}

/** What the rows show, in a sentence. `names` are those of the networks: "trial 3". */
export function layersSentence(rows: readonly LayerRow[], names: readonly string[]): string {
  if (rows.length === 0) return "None of these networks was built.";
  const changed = rows.filter((row) => row.kind === "changed").length;
  const own = names.map((name, place) => ({ name, rows: rows.filter((row) => row.cells[place] !== null).length }));
  const missing = rows.filter((row) => row.kind === "missing").length;
  if (changed === 0 && missing === 0) return `The networks are equal, layer by layer: ${rows.length} layers.`;
  const lengths = own.map(({ name, rows: length }) => `${name} has ${length} ${length === 1 ? "layer" : "layers"}`);
  const parts = [
    changed > 0 ? `${changed} ${changed === 1 ? "differs" : "differ"} in size or settings` : "",
    missing > 0 ? `${missing} ${missing === 1 ? "is" : "are"} not in all networks` : "",
  ].filter(Boolean);
  return `${lengths.join(", ")}. Of ${rows.length} rows, ${parts.join(" and ")}.`.replace(/^./, (first) =>
    first.toUpperCase(),
  );
}
