import { describe, expect, it } from "vitest";
import { blockMarks, flatBounds, linkMarks } from "./drawing";
import { blockInstances, frameInstances, linkInstances, rgb } from "./instances";
import { networkLabels } from "./labels";
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
  const layout = layoutNetwork(PLAIN);
  const keys = layout.blocks.map(({ key }) => key);
  /** Blocks of 20 pixels, one every `pitch` pixels. */
  const row = (pitch: number) =>
    new Map(keys.map((key, n) => [key, { left: 50 + n * pitch, right: 70 + n * pitch, top: 100, bottom: 120 }]));
  const shown = (pitch: number, emphasised: (string | null)[] = []) =>
    networkLabels(layout, row(pitch), { width: 2000, height: 300, emphasised }).map(({ key }) => key);

  it("all stand where there is room; else those of layers with parameters stay", () => {
    expect(shown(200)).toEqual(keys);
    expect(shown(60)).toEqual(["input-1", "convolution-1", "convolution-2", "dense-1"]);
    expect(shown(60, ["pooling-2"])).toContain("pooling-2");
  });

  it("leave room between neighbours, so that two do not read as one", () => {
    const width = (lines: readonly string[]) => 6.4 * Math.max(...lines.map((line) => line.length));
    for (let pitch = 40; pitch < 200; pitch += 5) {
      const labels = networkLabels(layout, row(pitch), { width: 2000, height: 300, emphasised: [] });
      labels.forEach((label, place) => {
        const next = labels[place + 1];
        if (next === undefined) return;
        const free = next.x - label.x - (width(label.lines) + width(next.lines)) / 2;
        expect(free).toBeGreaterThanOrEqual(11.9);
      });
    }
  });

  it("stand below all blocks at their place, and inside of the picture", () => {
    const extents = row(200).set("pooling-1", { left: 420, right: 500, top: 90, bottom: 180 });
    const labels = networkLabels(layout, extents, { width: 2000, height: 300, emphasised: [] });
    expect(labels.find(({ key }) => key === "convolution-1")?.y).toBeGreaterThan(180);
    expect(networkLabels(layout, row(200), { width: 2000, height: 130, emphasised: [] })).toEqual([]);
    expect(networkLabels(layout, row(200), { width: 2000, height: 130, emphasised: ["dense-1"] })).toHaveLength(1);
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
