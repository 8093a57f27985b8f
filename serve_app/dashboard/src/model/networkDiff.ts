/** What differs between two networks: their layers aligned, with what was added, removed and changed. Pure. */
import { count, percent } from "./format";
import { listed, plural } from "./sentence";

/** What is compared of a layer: the API's own, and the boxes that a drawing takes. */
export interface DiffLayer {
  layer_id?: string;
  layer_type: string;
  output_shape: readonly (number | null)[];
  parameters: number;
  activation?: string | null;
  filters?: number | null;
  kernel_size?: readonly number[] | null;
  units?: number | null;
}

export type Change = "added" | "removed" | "changed";

export interface DiffRow<L> {
  /** Null: both have the same layer here. */
  change: Change | null;
  /** The layer of the first network; null: it was added. */
  before: L | null;
  /** The layer of the second network; null: it was removed. */
  after: L | null;
  /** What changed, in words: "filters 32 → 64". */
  differences: readonly string[];
}

const DIFFERENT = Number.NEGATIVE_INFINITY;

/** How well two layers match: equal ones best, then those with the same name, then those of the same type. */
function match(before: Signed, after: Signed): number {
  if (before.layer.layer_type !== after.layer.layer_type) return DIFFERENT;
  const named = before.layer.layer_id !== undefined && before.layer.layer_id === after.layer.layer_id;
  return (before.signature === after.signature ? 3 : 1.5) + (named ? 0.5 : 0);
}

interface Signed {
  layer: DiffLayer;
  signature: string;
}

/** A layer with everything that `differences` compares as one text, so that each pair is compared fast. */
function signed(layer: DiffLayer): Signed {
  const { filters, kernel_size, units, activation, output_shape, parameters } = layer;
  const parts = [filters, kernel_size?.join("×"), units, activation, output_shape.join("×"), parameters];
  return { layer, signature: parts.map((part) => part ?? "").join("|") };
}

/**
 * The layers of both in one list, in order: the alignment (a longest common subsequence, weighted by `match`) that keeps
 * most. Where a layer was replaced, the removed one comes before the added one. Time grows with the product of lengths.
 */
export function networkDiff<L extends DiffLayer>(before: readonly L[], after: readonly L[]): DiffRow<L>[] {
  const [rows, columns] = [before.length, after.length];
  const best = Array.from({ length: rows + 1 }, () => new Float64Array(columns + 1));
  const at = (row: number, column: number): number => best[row]?.[column] ?? 0;
  const [first, second] = [before.map(signed), after.map(signed)];
  const matchAt = (row: number, column: number): number => {
    const [one, other] = [first[row], second[column]];
    return one && other ? match(one, other) : DIFFERENT;
  };
  for (let row = rows - 1; row >= 0; row--) {
    const line = best[row];
    if (!line) continue;
    for (let column = columns - 1; column >= 0; column--) {
      const kept = matchAt(row, column) + at(row + 1, column + 1);
      line[column] = Math.max(kept, at(row + 1, column), at(row, column + 1));
    }
  }
  const found: DiffRow<L>[] = [];
  let [row, column] = [0, 0];
  while (row < rows || column < columns) {
    const [one, other] = [before[row], after[column]];
    if (one && other && at(row, column) === matchAt(row, column) + at(row + 1, column + 1)) {
      found.push(pair(one, other));
      row++;
      column++;
    } else if (one && (!other || at(row, column) === at(row + 1, column))) {
      found.push({ change: "removed", before: one, after: null, differences: [] });
      row++;
    } else if (other) {
      found.push({ change: "added", before: null, after: other, differences: [] });
      column++;
    }
  }
  return found;
}

function pair<L extends DiffLayer>(before: L, after: L): DiffRow<L> {
  const found = differences(before, after);
  return { change: found.length === 0 ? null : "changed", before, after, differences: found };
}

/** In words what changed of a layer, the cause before its effects. The name of a layer is no difference. */
export function differences(before: DiffLayer, after: DiffLayer): string[] {
  const found: string[] = [];
  const note = (name: string, one: string, other: string) => {
    if (one !== other) found.push(`${name} ${one} → ${other}`);
  };
  note("filters", number(before.filters), number(after.filters));
  note("kernel size", side(before.kernel_size), side(after.kernel_size));
  note("units", number(before.units), number(after.units));
  note("activation", before.activation ?? "none", after.activation ?? "none");
  note("output", shape(before.output_shape), shape(after.output_shape));
  note("parameters", count(before.parameters), count(after.parameters));
  return found;
}

const number = (value: number | null | undefined): string => (value == null ? "none" : count(value));
const side = (kernel: readonly number[] | null | undefined): string => kernel?.join("×") ?? "none";
const shape = (sides: readonly (number | null)[]): string => sides.map((length) => length ?? "any").join("×");

export interface DiffCounts {
  added: number;
  removed: number;
  changed: number;
  same: number;
}

export function diffCounts(rows: readonly DiffRow<unknown>[]): DiffCounts {
  const found = { added: 0, removed: 0, changed: 0, same: 0 };
  for (const { change } of rows) found[change ?? "same"] += 1;
  return found;
}

/** "2 layers were added, 1 removed and 3 changed; 6 are the same." */
export function diffSentence(rows: readonly DiffRow<unknown>[]): string {
  const { added, removed, changed, same } = diffCounts(rows);
  if (added + removed + changed === 0) return `All ${plural(same, "layer")} are the same.`;
  const parts = Object.entries({ added, removed, changed }).filter(([, many]) => many > 0);
  const texts = parts.map(([word, many], place) => {
    const verb = many === 1 ? "was" : "were";
    return place === 0 ? `${plural(many, "layer")} ${verb} ${word}` : `${count(many)} ${word}`;
  });
  return `${listed(texts)}; ${same === 1 ? "1 is" : `${count(same)} are`} the same.`;
}

/** How the number of parameters changed: "Parameters: 421,642 → 1,203,000, 2.9 times as many." */
export function sizeSentence(before: number, after: number): string {
  if (before === after) return `Both have ${count(after)} parameters.`;
  return `Parameters: ${count(before)} → ${count(after)}${before === 0 ? "" : ratioText(after / before)}.`;
}

function ratioText(ratio: number): string {
  if (ratio >= 1.1) return `, ${ratio < 10 ? ratio.toFixed(1) : count(ratio)} times as many`;
  if (ratio > 1) return ", slightly more";
  return ratio > 0.9 ? ", slightly fewer" : `, ${percent(ratio, ratio < 0.1 ? 1 : 0)} as many`;
}

/** Names that are unique: of two layers with one name, the removed one says in which network it was. */
export function uniqueNames(rows: readonly DiffRow<DiffLayer>[], firstName: string): string[] {
  const kept = new Set(rows.flatMap(({ after }) => after?.layer_id ?? []));
  return rows.map(({ before, after }, place) => {
    if (after) return after.layer_id ?? `layer ${place + 1}`;
    const name = before?.layer_id ?? `layer ${place + 1}`;
    return kept.has(name) ? `${name} of ${firstName}` : name;
  });
}
