// @vitest-environment happy-dom
import { act, cleanup, render } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { blockColours } from "../colours";
import { layoutNetwork } from "../layout";
import { MORPH_MS } from "../morph";
import { PLAIN, RECURRENT, RESIDUAL } from "../testNetworks";
import { FIT, type View } from "../view";
import { fakeWebGl } from "./fakeWebGl";
import type { SceneShot } from "./Scene";
import Scene3d from "./Scene3d";

const THEME = { surface: "#ffffff", text: "#000000", muted: "#555555", line: "#888888", accent: "#1f5fd6" };
const rest = (ms: number) => act(() => new Promise((resolve) => setTimeout(resolve, ms)));
const contexts: ReturnType<typeof fakeWebGl>[] = [];

beforeEach(() => {
  contexts.length = 0;
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(function (this: HTMLCanvasElement) {
    const made = fakeWebGl(this);
    contexts.push(made);
    return made.context as never;
  });
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(900);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(500);
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

interface Shown {
  layers?: typeof PLAIN;
  morphKey?: number;
  view?: View;
  selected?: string | null;
  flow?: boolean;
}

function scene({ layers = PLAIN, morphKey = 1, view = FIT, selected = null, flow = false }: Shown) {
  const layout = layoutNetwork(layers);
  const colours = blockColours(layout, "score", "usual", 0.95);
  const shared = {
    theme: THEME,
    onView: () => {},
    onPick: () => {},
    compact: false,
    movable: true,
    onUnavailable,
    onShot,
  };
  const drawn = { layout, colours, view, selected, morphKey, flow };
  return <Scene3d {...shared} {...drawn} />;
}

const onUnavailable = vi.fn();
const shot: { take: (() => SceneShot) | null } = { take: null };
const onShot = (take: (() => SceneShot) | null) => {
  shot.take = take;
};
const counters = (container: HTMLElement) => {
  const { frames, drawCalls } = container.querySelector<HTMLElement>("[data-drawing='3d']")?.dataset ?? {};
  return { frames: Number(frames), drawCalls: Number(drawCalls) };
};

/** Until the scene stands still; on a busy machine that takes its time. */
async function settled(container: HTMLElement): Promise<number> {
  for (let before = Number.NaN; ; ) {
    await rest(200);
    const { frames } = counters(container);
    if (frames === before) return frames;
    before = frames;
  }
}

describe("the 3D scene", { timeout: 20_000 }, () => {
  it.each(Object.entries({ PLAIN, RESIDUAL, RECURRENT }))(
    "draws %s in at most 12 calls, with labels",
    async (_, layers) => {
      const { container } = render(scene({ layers, selected: "dense-1" }));
      await settled(container);
      expect(onUnavailable).not.toHaveBeenCalled();
      const { drawCalls } = counters(container);
      expect(drawCalls).toBeGreaterThan(0);
      expect(drawCalls).toBeLessThanOrEqual(12);
      expect(container.querySelector("[data-label='dense-1']")?.textContent).toContain("Dense");
    },
  );

  it("draws no frame while nothing changes, and one after a change of the view", async () => {
    const { container, rerender } = render(scene({}));
    const frames = await settled(container);
    await rest(500);
    expect(counters(container).frames).toBe(frames);
    rerender(scene({ view: { ...FIT, azimuth: 0.3 } }));
    expect(await settled(container)).toBeGreaterThan(frames);
  });

  it("moves to another network, and stands still then; with reduced motion it is there at once", async () => {
    const { container, rerender } = render(scene({}));
    const before = await settled(container);
    const start = performance.now();
    rerender(scene({ layers: RECURRENT, morphKey: 2 }));
    const moved = (await settled(container)) - before;
    expect(performance.now() - start).toBeGreaterThan(MORPH_MS);
    expect(moved).toBeGreaterThan(3);
    vi.spyOn(window, "matchMedia").mockReturnValue({ matches: true } as MediaQueryList);
    rerender(scene({ layers: PLAIN, morphKey: 3 }));
    expect((await settled(container)) - before - moved).toBeLessThanOrEqual(3);
  });

  it("lets data flow for some seconds, then draws no frame; a pause and reduced motion stop it at once", async () => {
    const { container, rerender } = render(scene({ flow: true }));
    const host = () => container.querySelector<HTMLElement>("[data-drawing='3d']");
    await vi.waitFor(() => expect(host()?.dataset.flow).toBe("on"), { timeout: 10_000 });
    expect(counters(container).drawCalls).toBeLessThanOrEqual(12);
    await vi.waitFor(() => expect(host()?.dataset.flow).toBe("off"), { timeout: 15_000, interval: 200 });
    const still = await settled(container);
    await rest(500);
    expect(counters(container).frames).toBe(still);
    container.querySelector("canvas")?.dispatchEvent(new Event("pointermove"));
    await vi.waitFor(() => expect(host()?.dataset.flow).toBe("on"), { timeout: 10_000 });
    rerender(scene({ flow: false }));
    await vi.waitFor(() => expect(host()?.dataset.flow).toBe("off"), { timeout: 10_000 });
    vi.spyOn(window, "matchMedia").mockReturnValue({ matches: true } as MediaQueryList);
    rerender(scene({ flow: true }));
    await settled(container);
    expect(host()?.dataset.flow).toBe("off");
  }, 60_000);

  it("can be drawn at once for a picture", async () => {
    await settled(render(scene({})).container);
    expect(shot.take?.()).toMatchObject({ width: 900, height: 500 });
  });

  it("tells when its context is lost, and gives everything back when it goes", async () => {
    const { container, unmount } = render(scene({}));
    await settled(container);
    expect(contexts[0]?.left().buffers).toBeGreaterThan(5);
    container.querySelector("canvas")?.dispatchEvent(new Event("webglcontextlost", { cancelable: true }));
    expect(onUnavailable).toHaveBeenCalledWith("lost");
    onUnavailable.mockClear();
    unmount();
    await rest(900);
    expect(onUnavailable).not.toHaveBeenCalled();
    expect(shot.take).toBeNull();
    expect(contexts).toHaveLength(1);
    expect(contexts[0]?.left()).toEqual({ buffers: 0, vertexArrays: 0 });
  });
});
