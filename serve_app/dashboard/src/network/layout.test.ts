import { describe, expect, it } from "vitest";
import { blockOf, layoutNetwork } from "./layout";
import { layer, PLAIN, RECURRENT, REPEATED, RESIDUAL } from "./testNetworks";

const lefts = (layers: typeof PLAIN) =>
  layoutNetwork(layers).blocks.map(({ centre, size }) => [centre[0] - size[0] / 2, centre[0] + size[0] / 2] as const);

describe("layoutNetwork", () => {
  it("puts layers from left to right without overlap", () => {
    const sides = lefts(PLAIN);
    for (const [place, [left]] of sides.slice(1).entries()) expect(left).toBeGreaterThan(sides[place]?.[1] ?? 0);
  });

  it("draws convolutions as boxes, recurrent layers as cylinders, dense layers as spheres", () => {
    const shapes = (layers: typeof PLAIN) => layoutNetwork(layers).blocks.map(({ shape }) => shape);
    expect(shapes(PLAIN)).toEqual(["box", "box", "box", "frustum", "box", "frustum", "box", "sphere", "sphere"]);
    expect(shapes(RECURRENT)).toEqual(["box", "box", "cylinder", "frustum", "sphere"]);
  });

  it("adds the same to a side with every doubling", () => {
    const heights = [8, 16, 32, 64].map(
      (size) => layoutNetwork([layer("c", "Conv2D", [size, size, 8])]).blocks[0]?.size[1] ?? 0,
    );
    const steps = heights.slice(1).map((height, place) => height - (heights[place] ?? 0));
    for (const step of steps) expect(step).toBeCloseTo(steps[0] ?? 0);
    expect(steps[0]).toBeGreaterThan(0);
  });

  it("has a finite size for unknown lengths, empty shapes and no layers", () => {
    const odd = layoutNetwork([
      layer("a", "InputLayer", [null, null, 3]),
      layer("b", "Own", []),
      layer("c", "LSTM", [null, 4]),
    ]);
    for (const { size, centre } of odd.blocks)
      for (const value of [...size, ...centre]) expect(Number.isFinite(value)).toBe(true);
    expect(layoutNetwork([])).toMatchObject({ blocks: [], links: [], bounds: { low: [0, 0, 0], high: [0, 0, 0] } });
  });

  it("folds equal rows that follow each other", () => {
    const layout = layoutNetwork(REPEATED);
    expect(layout.blocks.map(({ members }) => members)).toEqual([[0], [1, 3, 5, 7], [2, 4, 6, 8], [9]]);
    expect(layout.repeats).toMatchObject([{ keys: ["convolution-1", "activation-1"], times: 4 }]);
    expect(layout.links.map(({ from, to }) => `${from} ${to}`)).toEqual([
      "input-1 convolution-1",
      "convolution-1 activation-1",
      "activation-1 dense-1",
    ]);
    expect(layoutNetwork(REPEATED, { fold: false }).blocks).toHaveLength(10);
    expect(blockOf(layout, 5)?.key).toBe("convolution-1");
    expect(blockOf(layout, null)).toBeUndefined();
  });

  it("does not fold two equal layers alone, nor layers that differ in one number", () => {
    const two = [
      layer("a", "Dense", [8], { parameters: 72, units: 8 }),
      layer("b", "Dense", [8], { parameters: 72, units: 8 }),
    ];
    expect(layoutNetwork(two).blocks).toHaveLength(2);
    const third = layer("c", "Dense", [8], { parameters: 72, units: 8, activation: "relu" });
    expect(layoutNetwork([...two, third]).repeats).toEqual([]);
  });

  it("lifts the layers of a shortcut and connects both ways", () => {
    const { blocks, links } = layoutNetwork(RESIDUAL);
    const lifted = blocks.find(({ layer }) => layer.layer_id === "block1_shortcut");
    const add = blocks.find(({ layer }) => layer.layer_id === "block1_add");
    const input = blocks[0];
    expect((lifted?.centre[1] ?? 0) - (lifted?.size[1] ?? 0) / 2).toBeGreaterThan((blocks[1]?.size[1] ?? 0) / 2);
    const pairs = links.map(({ from, to }) => `${from} ${to}`);
    expect(pairs).toContain(`${input?.key} ${lifted?.key}`);
    expect(pairs).toContain(`${lifted?.key} ${add?.key}`);
    expect(pairs).not.toContain(`${blocks[2]?.key} ${lifted?.key}`);
  });

  it("leads a shortcut without layers over the ones that it passes", () => {
    const { blocks, links } = layoutNetwork(RESIDUAL);
    const add = blocks.find(({ layer }) => layer.layer_id === "block2_add");
    const over = links.find(({ to, points }) => to === add?.key && points.length === 6);
    expect(over).toBeDefined();
    expect(Math.max(...(over?.points.map(([, y]) => y) ?? []))).toBeGreaterThan((blocks[1]?.size[1] ?? 0) / 2);
  });

  it("keeps the place of a layer in another network by its key", () => {
    expect(layoutNetwork(PLAIN).blocks.map(({ key }) => key)).toContain("convolution-2");
    expect(layoutNetwork(RESIDUAL).blocks.map(({ key }) => key)).toContain("convolution-2");
  });

  it("lays out 600 layers in little time", () => {
    const many = Array.from({ length: 600 }, (_, n) => layer(`l${n}`, "Dense", [n + 1], { units: n + 1 }));
    const start = performance.now();
    layoutNetwork(many);
    expect(performance.now() - start).toBeLessThan(1500);
  });
});
