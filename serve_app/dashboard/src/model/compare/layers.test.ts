import { describe, expect, it } from "vitest";
import { alignLayers, type ComparedLayer, layersSentence, settingsText } from "./layers";

const layer = (layer_type: string, more: Partial<ComparedLayer> = {}): ComparedLayer => ({
  layer_type,
  output_shape: [8, 8, 1],
  parameters: 0,
  ...more,
});
const conv = (filters: number) => layer("Conv2D", { filters, kernel_size: [3, 3], parameters: filters * 9 });
const dense = (units: number) => layer("Dense", { units, output_shape: [units], parameters: units * 64 });
const words = (rows: ReturnType<typeof alignLayers>) =>
  rows.map(
    (row) =>
      `${row.cells.map((cell) => (cell ? cell.layer_type + (cell.filters ?? cell.units ?? "") : "-")).join(" ")}: ${row.kind}`,
  );

describe("layers side by side", () => {
  it("equal networks are equal in each row", () => {
    const network = [layer("InputLayer"), conv(8), dense(10)];
    const rows = alignLayers([network, network]);
    expect(rows.map((row) => row.kind)).toEqual(["same", "same", "same"]);
    expect(layersSentence(rows, ["trial 1", "trial 2"])).toBe("The networks are equal, layer by layer: 3 layers.");
  });

  it("a layer that only one has stands alone, and the others stay beside each other", () => {
    const rows = alignLayers([
      [layer("InputLayer"), conv(8), layer("MaxPooling2D"), dense(10)],
      [layer("InputLayer"), conv(8), conv(16), layer("MaxPooling2D"), dense(10)],
    ]);
    expect(words(rows)).toEqual([
      "InputLayer InputLayer: same",
      "Conv2D8 Conv2D8: same",
      "- Conv2D16: missing",
      "MaxPooling2D MaxPooling2D: same",
      "Dense10 Dense10: same",
    ]);
    expect(layersSentence(rows, ["trial 1", "trial 2"])).toBe(
      "Trial 1 has 4 layers, trial 2 has 5 layers. Of 5 rows, 1 is not in all networks.",
    );
  });

  it("equal layers are preferred to layers that only have the same type", () => {
    const rows = alignLayers([[conv(8), conv(16)], [conv(16)]]);
    expect(words(rows)).toEqual(["Conv2D8 -: missing", "Conv2D16 Conv2D16: same"]);
  });

  it("layers of the same type with other settings are changed", () => {
    const rows = alignLayers([
      [conv(8), dense(10)],
      [conv(16), dense(10)],
    ]);
    expect(words(rows)).toEqual(["Conv2D8 Conv2D16: changed", "Dense10 Dense10: same"]);
  });

  it("up to four networks keep their own order, also empty ones", () => {
    const networks = [
      [layer("InputLayer"), dense(10)],
      [layer("LSTM"), dense(10)],
      [],
      [layer("InputLayer"), dense(4), dense(10)],
    ];
    const rows = alignLayers(networks);
    networks.forEach((network, place) => {
      expect(rows.flatMap((row) => row.cells[place] ?? [])).toEqual(network);
    });
    expect(rows.every((row) => row.cells.length === 4)).toBe(true);
    expect(alignLayers([[], []])).toEqual([]);
  });

  it("two networks of 400 layers are aligned too", () => {
    const deep = Array.from({ length: 400 }, (_, place) => (place % 3 ? conv(place) : layer("ReLU")));
    expect(alignLayers([deep, deep.slice(1)]).length).toBe(400);
  });
});

it("settings are said in words", () => {
  expect(settingsText(layer("Conv2D", { filters: 32, kernel_size: [3, 3], activation: "relu" }))).toBe(
    "32 filters, 3×3, relu",
  );
  expect(settingsText(layer("Flatten", { activation: "linear" }))).toBe("");
});
