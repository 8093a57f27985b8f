import { describe, expect, it } from "vitest";
import { blockMarks, flatBounds, linkMarks } from "./drawing";
import { blockInstances, frameInstances, linkInstances, rgb } from "./instances";
import { placedLabels } from "./labels";
import { layoutNetwork } from "./layout";
import { between, betweenBounds } from "./morph";
import { silhouettePath } from "./silhouettePath";
import { layer, PLAIN, RECURRENT, REPEATED, RESIDUAL } from "./testNetworks";
import { labelLines, layerSentence, networkSentence, shapeText } from "./words";

const NETWORKS = { PLAIN, RESIDUAL, RECURRENT, REPEATED };

describe("a flat drawing", () => {
  it.each(Object.entries(NETWORKS))("of %s has only finite numbers, and the colour of its layers", (_, layers) => {
    const layout = layoutNetwork(layers);
    const marks = [...layout.blocks.flatMap((block) => blockMarks(block, "#2a9d5c")), ...linkMarks(layout, "#888888")];
    const text = JSON.stringify(marks) + silhouettePath(layout);
    expect(text).not.toMatch(/NaN|null|Infinity|undefined/);
    for (const block of layout.blocks)
      expect(blockMarks(block, "#2a9d5c").map((mark) => mark.attributes.fill)).toContain("#2a9d5c");
    const { left, right, top, bottom } = flatBounds(layout);
    expect(right).toBeGreaterThan(left);
    expect(bottom).toBeGreaterThan(top);
  });
});

describe("the solids of the scene", () => {
  it("are one for each block, one for each straight line, twelve for the frame", () => {
    const layout = layoutNetwork(PLAIN);
    expect(blockInstances(layout, new Map())).toHaveLength(9);
    expect(linkInstances(layout.links, "#000000")).toHaveLength(8);
    expect(frameInstances(layout.blocks[2], "#000000")).toHaveLength(12);
    expect(frameInstances(undefined, "#000000")).toEqual([]);
    expect(rgb("#ff0080")).toEqual([1, 0, 128 / 255]);
  });

  it("move from one network to another: kept ones move, new ones grow, old ones shrink", () => {
    const [from, to] = [PLAIN, RECURRENT].map((layers) => blockInstances(layoutNetwork(layers), new Map())) as [
      ReturnType<typeof blockInstances>,
      ReturnType<typeof blockInstances>,
    ];
    const half = new Map(between(from, to, 0.5).map((instance) => [instance.key, instance]));
    const size = (all: typeof from, key: string) => all.find((instance) => instance.key === key)?.size[1] ?? 0;
    expect(half.get("recurrent-1")?.size[1]).toBeCloseTo(size(to, "recurrent-1") / 2);
    expect(half.get("convolution-1")?.size[1]).toBeCloseTo(size(from, "convolution-1") / 2);
    expect(half.get("dense-1")?.size[1]).toBeCloseTo((size(from, "dense-1") + size(to, "dense-1")) / 2);
    expect(between(from, to, 1)).toEqual(to);
    expect(between(from, to, 0).find(({ key }) => key === "dense-1")?.centre).toEqual(
      from.find(({ key }) => key === "dense-1")?.centre,
    );
    const bounds = betweenBounds({ low: [0, 0, 0], high: [2, 2, 2] }, { low: [0, 0, 0], high: [4, 4, 4] }, 0.5);
    expect(bounds.high).toEqual([3, 3, 3]);
  });
});

describe("labels", () => {
  const label = (key: string, x: number, priority: number) => ({ key, x, y: 10, width: 60, height: 30, priority });

  it("never cover each other; the more important one stays", () => {
    expect(placedLabels([label("a", 50, 1), label("b", 80, 2), label("c", 200, 0)], 300, 100)).toEqual(
      new Set(["b", "c"]),
    );
  });

  it("stay inside of the picture", () => {
    expect(placedLabels([label("a", -40, 1), { ...label("b", 100, 1), y: 90 }], 300, 100)).toEqual(new Set());
  });

  it("say shape and parameters", () => {
    const block = layoutNetwork(REPEATED).blocks[1];
    expect(block && labelLines(block)).toEqual(["Conv2D 3×3 (4×)", "8 × 8 × 4", "148 parameters"]);
    expect(shapeText([null, 64])).toBe("any × 64");
    expect(layerSentence(PLAIN[1] ?? layer("", "", []), 1, 9)).toBe(
      "Layer 2 of 9: Rescaling, output 28 × 28 × 1, no parameters.",
    );
    expect(networkSentence(layoutNetwork(PLAIN))).toBe("9 layers from 28 × 28 × 1 to 10, 421,642 parameters.");
  });
});
