// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cut, valuesBelow } from "./axes";
import { figureSvg, withColours } from "./figureFile";
import { type Dot, Scatter } from "./Scatter";
import { movedSpot, type Spot, spotAt } from "./spots";

const spots: Spot[] = [
  { id: "a", x: 10, y: 50, text: "a" },
  { id: "b", x: 30, y: 10, text: "b" },
  { id: "c", x: 60, y: 30, text: "c", width: 20, height: 10 },
];

describe("spots", () => {
  test("are found by the pointer, those with an area anywhere in it", () => {
    expect(spotAt(spots, { x: 12, y: 48 }, 10)).toBe(0);
    expect(spotAt(spots, { x: 79, y: 39 }, 10)).toBe(2);
    expect(spotAt(spots, { x: 100, y: 90 }, 10)).toBeNull();
  });
  test("are stepped through by keys", () => {
    expect(movedSpot(spots, null, "ArrowRight")).toBe(0);
    expect(movedSpot(spots, 0, "ArrowRight")).toBe(1);
    expect(movedSpot(spots, 2, "ArrowRight")).toBe(2);
    expect(movedSpot(spots, 1, "ArrowDown")).toBe(2);
    expect(movedSpot(spots, 2, "Home")).toBe(0);
    expect(movedSpot(spots, 0, "End")).toBe(2);
    expect(movedSpot(spots, 0, "Escape")).toBeNull();
    expect(movedSpot(spots, null, "Escape")).toBeUndefined();
    expect(movedSpot(spots, 0, "x")).toBeUndefined();
    expect(movedSpot([], null, "ArrowUp")).toBeUndefined();
  });
});

test("long texts are cut", () => {
  expect(cut("Validation accuracy", 61)).toBe("Validatio…");
  expect(cut("Loss", 61)).toBe("Loss");
});

test("values below a plot are words that are cut, or as many whole numbers as have room", () => {
  const area = { left: 0, right: 205, top: 0, bottom: 100 };
  const written = (texts: readonly string[], at: (place: number) => number) =>
    valuesBelow(
      texts.map((text, place) => ({ text, at: at(place) })),
      area,
    ).map(({ text }) => text);
  const sizes = ["0", "100,000", "200,000", "300,000", "400,000", "500,000"];
  expect(written(sizes, (place) => place / 5)).toEqual(["0", "200,000", "400,000"]);
  expect(written(["glorot_uniform", "he_normal"], (place) => (place + 0.5) / 2)).toEqual([
    "glorot_uniform",
    "he_normal",
  ]);
  expect(written(["glorot_uniform", "he_normal", "lecun"], (place) => (place + 0.5) / 3)).toEqual([
    "glorot_un…",
    "he_normal",
    "lecun",
  ]);
});

test("the colours of the theme are written into a file", () => {
  expect(withColours('fill="var(--accent)"', () => "#1f5fd6")).toBe('fill="#1f5fd6"');
  expect(withColours("var(--unknown)", () => "")).toBe("#808080");
});

describe("a figure", () => {
  beforeEach(() => {
    Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, value: 500 });
  });
  afterEach(cleanup);
  const dots: Dot[] = [
    { id: 1, x: 0.1, y: 0.2, color: "#112233", text: "Trial 1: 20 %", look: "full" },
    { id: 2, x: null, y: 0.8, color: "#112233", text: "Trial 2: 80 %", look: "ring" },
  ];
  const axes = { x: { label: "Dropout", ticks: [{ at: 0, text: "0" }] }, y: { label: "Accuracy", ticks: [] } };
  const show = (extra: object = {}) =>
    render(<Scatter title="Accuracy by dropout" keys="Arrow keys choose a trial" {...axes} dots={dots} {...extra} />);

  test("says the chosen mark, and opens it", () => {
    const onOpen = vi.fn();
    show({ onOpen, openText: "opens the trial" });
    const box = screen.getByRole("application", { name: /Accuracy by dropout.*Enter opens the trial/ });
    fireEvent.keyDown(box, { key: "End" });
    expect(screen.getAllByText("Trial 1: 20 %").length).toBeGreaterThan(0);
    fireEvent.keyDown(box, { key: "Enter" });
    expect(onOpen).toHaveBeenCalledWith(1);
    fireEvent.keyDown(box, { key: "ArrowLeft" });
    expect(screen.getAllByText("Trial 2: 80 %").length).toBeGreaterThan(0);
    expect(screen.getByText("none")).toBeTruthy();
  });
  test("says what a key of its own did", () => {
    show({ onKey: (event: { key: string }) => (event.key === "Delete" ? "All values" : null) });
    fireEvent.keyDown(screen.getByRole("application"), { key: "Delete" });
    expect(screen.getAllByText("All values").length).toBeGreaterThan(0);
  });
  test("tells what a drag covers, and a click opens", () => {
    const [onBrush, onOpen] = [vi.fn(), vi.fn()];
    const { container } = show({ onBrush, onOpen, height: 300 });
    const svg = container.querySelector("svg[data-figure]") as SVGSVGElement;
    svg.setPointerCapture = () => {};
    const at = (clientX: number, clientY: number) => ({
      clientX,
      clientY,
      pointerType: "mouse",
      button: 0,
      pointerId: 1,
    });
    fireEvent.pointerDown(svg, at(200, 40));
    fireEvent.pointerMove(svg, at(260, 140));
    fireEvent.pointerMove(svg, at(400, 240));
    fireEvent.pointerUp(svg, at(400, 240));
    expect(onOpen).not.toHaveBeenCalled();
    const [brushed] = onBrush.mock.calls[0] ?? [];
    expect(brushed.x[0]).toBeGreaterThan(0);
    expect(brushed.x[1]).toBeLessThan(1);
    expect(brushed.y[0]).toBeLessThan(brushed.y[1]);
  });
  test("is a file with its title and no variables", () => {
    const { container } = show({ height: 300 });
    const svg = container.querySelector("svg[data-figure]") as SVGSVGElement;
    const file = figureSvg(svg, "Accuracy & loss");
    expect(file.text).toContain("Accuracy &#38; loss");
    expect(file.text).not.toContain("var(--");
    expect([file.width, file.height]).toEqual([500, 330]);
  });
});
