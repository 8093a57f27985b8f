import { describe, expect, it } from "vitest";
import { blockInstances } from "../instances";
import { layoutNetwork } from "../layout";
import { MORPH_MS } from "../morph";
import { PLAIN, RECURRENT } from "../testNetworks";
import { capacity } from "./meshes";
import { Stage } from "./stage";

const [plain, recurrent] = [layoutNetwork(PLAIN), layoutNetwork(RECURRENT)];
const shown = (layout: typeof plain) => blockInstances(layout, new Map());
const height = (stage: Stage, key: string) =>
  Object.values(stage.instances())
    .flat()
    .find((instance) => instance.key === key)?.size[1];

describe("the stage", () => {
  it("shows the first network at once, even if it should move", () => {
    const stage = new Stage();
    stage.show(shown(plain), plain.bounds, [], true);
    expect(stage.advance(0)).toBe(false);
    expect(stage.bounds).toEqual(plain.bounds);
    expect(Object.values(stage.instances()).flat()).toHaveLength(plain.blocks.length);
  });

  it("moves to the next one in 600 ms, and stands still then", () => {
    const stage = new Stage();
    stage.show(shown(plain), plain.bounds, [], false);
    stage.show(shown(recurrent), recurrent.bounds, [], true);
    expect(stage.advance(1000)).toBe(true);
    expect(height(stage, "recurrent-1")).toBe(0);
    stage.advance(1000 + MORPH_MS / 2);
    expect(stage.moving).toBe(true);
    expect(height(stage, "recurrent-1")).toBeGreaterThan(0);
    expect(stage.advance(1000 + MORPH_MS)).toBe(true);
    expect(stage.moving).toBe(false);
    expect(stage.advance(2000)).toBe(false);
    expect(Object.values(stage.instances()).flat()).toHaveLength(recurrent.blocks.length);
    expect(stage.bounds).toEqual(recurrent.bounds);
  });

  it("goes on from where it is if another network comes during the motion, and ignores new colours", () => {
    const stage = new Stage();
    stage.show(shown(plain), plain.bounds, [], false);
    stage.show(shown(recurrent), recurrent.bounds, [], true);
    stage.advance(0);
    stage.advance(MORPH_MS / 2);
    const before = height(stage, "convolution-1") ?? 0;
    stage.show(shown(recurrent), recurrent.bounds, [], false);
    expect(stage.moving).toBe(true);
    stage.show(shown(plain), plain.bounds, [], true);
    stage.advance(10_000);
    expect(height(stage, "convolution-1")).toBeCloseTo(before);
  });
});

describe("the room of a mesh", () => {
  it("grows in steps", () => {
    expect([0, 1, 64, 65, 300].map(capacity)).toEqual([64, 64, 64, 128, 512]);
  });
});
