import { describe, expect, it } from "vitest";
import { type DiffLayer, diffCounts, diffSentence, networkDiff, sizeSentence, uniqueNames } from "./networkDiff";

const layer = (layer_id: string, layer_type: string, more: Partial<DiffLayer> = {}): DiffLayer => ({
  layer_id,
  layer_type,
  output_shape: [10],
  parameters: 0,
  ...more,
});
const conv = (name: string, filters: number) =>
  layer(name, "Conv2D", { filters, kernel_size: [3, 3], output_shape: [8, 8, filters], parameters: filters * 10 });
const A = [
  layer("in", "InputLayer"),
  conv("c1", 16),
  layer("p1", "MaxPooling2D"),
  layer("out", "Dense", { units: 10 }),
];
const B = [
  layer("in", "InputLayer"),
  conv("c1", 32),
  layer("n1", "BatchNormalization"),
  layer("p1", "MaxPooling2D"),
  conv("c2", 64),
  layer("out", "Dense", { units: 10 }),
];

describe("the difference of two networks", () => {
  it("aligns equal layers and says what changed", () => {
    const rows = networkDiff(A, B);
    expect(rows.map(({ change, before, after }) => [change, before?.layer_id, after?.layer_id])).toEqual([
      [null, "in", "in"],
      ["changed", "c1", "c1"],
      ["added", undefined, "n1"],
      [null, "p1", "p1"],
      ["added", undefined, "c2"],
      [null, "out", "out"],
    ]);
    expect(rows[1]?.differences).toEqual(["filters 16 → 32", "output 8×8×16 → 8×8×32", "parameters 160 → 320"]);
    expect(diffCounts(rows)).toEqual({ added: 2, removed: 0, changed: 1, same: 3 });
    expect(diffSentence(rows)).toBe("2 layers were added and 1 changed; 3 are the same.");
  });

  it("is the other way round in the other order", () => {
    expect(diffCounts(networkDiff(B, A))).toEqual({ added: 0, removed: 2, changed: 1, same: 3 });
  });

  it("of equal and of empty networks is none", () => {
    expect(diffSentence(networkDiff(A, A))).toBe("All 4 layers are the same.");
    expect(networkDiff([], A).map(({ change }) => change)).toEqual(["added", "added", "added", "added"]);
    expect(networkDiff([], [])).toEqual([]);
  });

  it("replaces a layer of another type: the removed one comes first", () => {
    const rows = networkDiff([layer("x", "LSTM")], [layer("x", "GRU")]);
    expect(rows.map(({ change }) => change)).toEqual(["removed", "added"]);
    expect(uniqueNames(rows, "trial 3")).toEqual(["x of trial 3", "x"]);
  });

  it("aligns 300 layers in a moment", () => {
    const many = Array.from({ length: 300 }, (_, place) => conv(`c${place}`, place + 1));
    const start = performance.now();
    expect(diffCounts(networkDiff(many, many.slice(20)))).toMatchObject({ removed: 20, same: 280 });
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it("says how the size changed", () => {
    expect(sizeSentence(1000, 1000)).toBe("Both have 1,000 parameters.");
    expect(sizeSentence(1000, 2900)).toBe("Parameters: 1,000 → 2,900, 2.9 times as many.");
    expect(sizeSentence(1000, 50)).toBe("Parameters: 1,000 → 50, 5.0\u00a0% as many.");
    expect(sizeSentence(1000, 1001)).toBe("Parameters: 1,000 → 1,001, slightly more.");
    expect(sizeSentence(0, 5)).toBe("Parameters: 0 → 5.");
  });
});
