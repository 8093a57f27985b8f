// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import NetworkView, { type NetworkViewProps } from "./NetworkView";
import { Silhouette } from "./Silhouette";
import { PLAIN, REPEATED } from "./testNetworks";
import { FIT } from "./view";

afterEach(cleanup);

function shown(more: Partial<NetworkViewProps> = {}) {
  const onSelect = vi.fn();
  const props = { layers: PLAIN, mode: "svg", colorBy: "score", score: 0.93, selected: null, onSelect } as const;
  return { onSelect, ...render(<NetworkView {...props} title="Network of trial 17" {...more} />) };
}

describe("NetworkView", () => {
  it("draws each block in the colour of the score, and says in words what it shows", () => {
    const { container } = shown();
    expect(container.querySelectorAll("g[data-block]")).toHaveLength(PLAIN.length);
    expect(container.querySelector("g[data-block='convolution-1'] polygon[fill='#2a9d5c']")).not.toBeNull();
    expect(screen.getByRole("application").getAttribute("aria-label")).toContain("Network of trial 17. 9 layers");
  });

  it("selects by arrow keys, and tells the selected layer", () => {
    const { onSelect } = shown({ selected: 2 });
    const drawing = screen.getByRole("application");
    fireEvent.keyDown(drawing, { key: "ArrowRight" });
    expect(onSelect).toHaveBeenLastCalledWith(3);
    fireEvent.keyDown(drawing, { key: "Escape" });
    expect(onSelect).toHaveBeenLastCalledWith(null);
    expect(screen.getByText(/^Layer 3 of 9: Conv2D 3×3, output 28 × 28 × 32, 320 parameters/)).toBeTruthy();
  });

  it("selects by a click; a click beside the layers ends the selection", () => {
    const { container, onSelect } = shown({ layers: REPEATED, selected: 1 });
    const click = (target: Element | null) => {
      if (!target) throw new Error("nothing to click");
      fireEvent.pointerDown(target, { button: 0, pointerId: 1, clientX: 5, clientY: 5 });
      fireEvent.pointerUp(target, { button: 0, pointerId: 1, clientX: 5, clientY: 5 });
    };
    click(container.querySelector("g[data-block='activation-1'] polygon"));
    expect(onSelect).toHaveBeenLastCalledWith(2);
    click(container.querySelector("svg"));
    expect(onSelect).toHaveBeenLastCalledWith(null);
  });

  it("moves the camera by keys only where somebody keeps it", () => {
    const onView = vi.fn();
    shown({ view: FIT, onView });
    fireEvent.keyDown(screen.getByRole("application"), { key: "+" });
    expect(onView).toHaveBeenCalledWith({ ...FIT, zoom: 1.25 });
  });

  it("draws flat where there is no WebGL, says so, and offers another attempt", async () => {
    const quiet = vi.spyOn(console, "error").mockImplementation(() => {});
    const onTurns = vi.fn();
    const { container } = shown({ mode: "3d", onTurns });
    await waitFor(() => expect(container.querySelector("[data-unavailable=absent]")).not.toBeNull(), {
      timeout: 20_000,
    });
    expect(container.querySelectorAll("g[data-block]")).toHaveLength(PLAIN.length);
    expect(onTurns).toHaveBeenLastCalledWith(false);
    expect(screen.getByRole("button", { name: "Try 3D again" })).toBeTruthy();
    quiet.mockRestore();
  }, 30_000);

  it("is a plain picture where it is small", () => {
    shown({ compact: true });
    expect(screen.getByRole("img").getAttribute("tabindex")).toBeNull();
  });
});

describe("Silhouette", () => {
  it("is one path with a name", () => {
    const { container } = render(<Silhouette outline={PLAIN} title="Network of trial 3" />);
    expect(screen.getByRole("img", { name: "Network of trial 3" })).toBeTruthy();
    expect(container.querySelectorAll("path")).toHaveLength(1);
    expect(container.innerHTML).not.toMatch(/NaN|undefined/);
  });
});
