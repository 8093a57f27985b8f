import { describe, expect, it } from "vitest";
import { CHANGE_MARKS, markInstances } from "./changeMarks";
import { bands, blockColours } from "./colours";
import { blockMarks } from "./drawing";
import { FlowClock, flowInstances, IDLE_MS } from "./flow";
import { layoutNetwork } from "./layout";
import { layer, PLAIN, REPEATED, RESIDUAL } from "./testNetworks";
import type { LayerBox } from "./types";
import { labelLines, layerSentence, networkSentence } from "./words";

const MERGED: LayerBox[] = [
  layer("pixels", "InputLayer", [28, 28, 1]),
  layer("c1", "Conv2D", [28, 28, 64], { parameters: 640, change: "changed", differences: ["filters 32 → 64"] }),
  layer("n1", "BatchNormalization", [28, 28, 64], { parameters: 256, change: "added" }),
  layer("p1", "MaxPooling2D", [14, 14, 32], { change: "removed" }),
  layer("out", "Dense", [10], { parameters: 100, units: 10 }),
];
const layout = layoutNetwork(MERGED);
const block = (key: string) => {
  const found = layout.blocks.find((one) => one.key === key);
  if (!found) throw new Error(`no block ${key}`);
  return found;
};

describe("a network laid over another one", () => {
  it("has a colour and a sign for each change", () => {
    const colours = blockColours(layout, "difference", "usual", null);
    expect(new Set(colours.values()).size).toBe(4);
    const legend = bands("difference", "colour-blind").map(({ label }) => label);
    expect(legend).toEqual(["+ added", "◆ changed", "− removed", "the same"]);
    expect(colours.get("input-1")).toBe(bands("difference", "usual")[3]?.colour);
    expect(new Set(blockColours(layout, "difference", "colour-blind", null).values()).size).toBe(4);
  });

  it("draws the signs flat and solid, and dashes what was removed", () => {
    const plain = blockMarks(block("input-1"), "#888888").length;
    expect(blockMarks(block("normalisation-1"), "#888888")).toHaveLength(plain + 2);
    const removed = blockMarks(block("pooling-1"), "#888888");
    expect(removed[0]?.attributes["stroke-dasharray"]).toBe("4 3");
    expect(removed[removed.length - 1]?.tag).toBe("polyline");
    const signs = markInstances(layout.blocks, "#000000");
    expect(signs.map(({ shape }) => shape)).toEqual(["gem", "box", "box", "box"]);
    for (const { key } of signs) expect(key).toContain(" ");
    expect(layout.bounds.high[1]).toBeGreaterThan(
      Math.max(...signs.map(({ centre, size }) => centre[1] + size[1] / 2)) - 0.01,
    );
  });

  it("says the changes in words", () => {
    expect(labelLines(block("convolution-1"))).toEqual([
      "◆ Conv2D",
      "28 × 28 × 64",
      "640 parameters",
      "filters 32 → 64",
    ]);
    expect(labelLines(block("normalisation-1"))[0]).toBe(`${CHANGE_MARKS.added} BatchNormalization`);
    expect(layerSentence(MERGED[1] as LayerBox, 1, 5)).toContain("changed: filters 32 → 64");
    expect(networkSentence(layout)).toBe(
      "4 layers from 28 × 28 × 1 to 10, 996 parameters. Against the other network: 1 added, 1 removed, 1 changed.",
    );
    expect(networkSentence(layoutNetwork(PLAIN))).not.toContain("Against");
  });

  it("folds no layers that differ in their change", () => {
    const changed = REPEATED.map((one, place) => (place === 5 ? { ...one, change: "added" as const } : one));
    expect(layoutNetwork(REPEATED).repeats[0]?.times).toBe(4);
    expect(layoutNetwork(changed).repeats.every(({ times }) => times < 4)).toBe(true);
  });
});

describe("the flow of data", () => {
  it("moves along all lines, the shortcuts too", () => {
    const { links, bounds } = layoutNetwork(RESIDUAL);
    const all = Array.from({ length: 400 }, (_, step) => flowInstances(links, bounds, step * 10, "#1f5fd6")).flat();
    expect(JSON.stringify(all)).not.toMatch(/null|NaN/);
    const used = new Set(all.map(({ key }) => key.split(" ").slice(2).join(" ")));
    expect(used.size).toBe(links.length);
    for (const { centre } of all) {
      expect(centre[0]).toBeGreaterThanOrEqual(bounds.low[0]);
      expect(centre[0]).toBeLessThanOrEqual(bounds.high[0]);
    }
    expect(flowInstances([], bounds, 0, "#000000")).toEqual([]);
  });

  it("ends some seconds after the last action, and at once when it is paused", () => {
    const clock = new FlowClock();
    expect(clock.flows(0)).toBe(false);
    clock.allow(true, 1000);
    expect(clock.flows(1000 + IDLE_MS - 1)).toBe(true);
    expect(clock.flows(1000 + IDLE_MS)).toBe(false);
    clock.act(20_000);
    expect(clock.flows(20_001)).toBe(true);
    clock.allow(false, 20_002);
    expect(clock.flows(20_003)).toBe(false);
  });
});
