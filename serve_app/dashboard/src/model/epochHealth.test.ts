import { describe, expect, it } from "vitest";
import { frameAt, frameSentence, healthFrames, layerHealth, type MeasuredLayer, withHealth } from "./epochHealth";
import cases from "./epochHealth.cases.json";

const measured = (layer_id: string, more: Partial<MeasuredLayer> = {}): MeasuredLayer => ({
  layer_id,
  dead: 0,
  saturated: 0,
  gradient: 0.1,
  update: 0.001,
  ...more,
});
const EPOCHS = [
  { epoch: 1, val_accuracy: 0.5, layers: [measured("a", { dead: 0.7 }), measured("b")] },
  { epoch: 2, val_accuracy: 0.6, layers: [] },
  { epoch: 3, val_accuracy: 0.71, layers: [measured("a"), measured("b", { gradient: 1e-8 })] },
];

describe("the health of layers", () => {
  it.each(cases)("is that of the server: $name", ({ layers, health }) => {
    const found = layerHealth(layers);
    expect(found).toHaveLength(health.length);
    for (const [place, value] of found.entries()) expect(value).toBeCloseTo(health[place] ?? Number.NaN, 9);
  });

  it("is told of the epochs that measured it", () => {
    const frames = healthFrames(EPOCHS);
    expect(frames.map(({ epoch }) => epoch)).toEqual([1, 3]);
    expect(frames[0]?.health.a).toBeCloseTo(0.3);
    expect(frameAt(frames, 2)?.epoch).toBe(1);
    expect(frameAt(frames, 0)?.epoch).toBe(1);
    expect(frameAt(frames, 99)?.epoch).toBe(3);
    expect(frameAt([], 1)).toBeNull();
  });

  it("replaces that of the end, and is not known of layers without weights", () => {
    const [first] = healthFrames(EPOCHS);
    if (!first) throw new Error("no frame");
    const layers = [{ layer_id: "input" }, { layer_id: "a", health: 0.99 }];
    expect(withHealth(layers, first).map(({ health }) => health)).toEqual([null, expect.closeTo(0.3)]);
  });

  it("has a sentence that names the worst layer", () => {
    const frames = healthFrames(EPOCHS);
    const last = frames[1];
    expect(last && frameSentence(frames, last)).toBe(
      "After epoch 3 of 3: 1 of 2 measured layers have a health of 80\u00a0% or more; b has the lowest, 0\u00a0%. " +
        "Validation accuracy was 71\u00a0%.",
    );
  });
});
