// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, test, vi } from "vitest";
import { saveFile } from "../../parts/saveFile";
import { Curves } from "../Curves";
import { axisBounds, xBounds, yBounds } from "../geometry";
import { Points } from "../Points";
import type { CurveAxis, CurveSeries } from "../types";
import { MOST_NAMED } from "./CurveFigure";
import { chartSvg, curvesCsv, pointsCsv } from "./chartFile";

vi.mock("../../parts/saveFile", () => ({ saveFile: vi.fn() }));
vi.mock("../Plot", () => ({ default: () => null }));

const x: CurveAxis = { label: "Epoch", format: String, low: 1 };
const y: CurveAxis = { label: "Accuracy", format: (value) => `${value * 100}\u00a0%` };
const curve = (id: number, color: string, ...values: number[]): CurveSeries => ({
  id,
  label: `Trial ${id}`,
  color,
  points: values.map((value, place) => [place + 1, value] as const),
});
const series: CurveSeries[] = [
  { ...curve(1, "#2f7fd6", 0.1, 0.2, 0.25), dashed: true },
  { ...curve(2, "#d9600b", 0.5, 0.123456789012345), note: "stopped early", faded: true },
];
const levels = [{ value: 0.3, label: "baseline <guess>" }];
const picture = (shown: readonly CurveSeries[]) => ({
  series: shown,
  levels,
  frame: { x, y, xBounds: xBounds(shown, x), yBounds: yBounds(shown, y, levels) },
});
const parsed = (text: string) => new DOMParser().parseFromString(text, "text/html");
const texts = (text: string) => [...parsed(text).querySelectorAll("text")].map((one) => one.textContent);

describe("the picture of a chart", () => {
  const { text, width, height } = chartSvg("Accuracy by epoch", picture(series));

  test("has a path in its own colour for each series", () => {
    const curves = [...parsed(text).querySelectorAll("[data-series]")];
    expect(curves.map((one) => one.getAttribute("stroke"))).toEqual(["#2f7fd6", "#d9600b"]);
    const paths = curves.map((one) => one.querySelector("path")?.getAttribute("d") ?? "");
    expect(paths.map((path) => path.match(/[ML]/g)?.join(""))).toEqual(["MLL", "ML"]);
    expect(paths.join("")).not.toMatch(/NaN|undefined/);
    expect(curves[0]?.querySelector("path")?.getAttribute("stroke-dasharray")).toBe("5 4");
    expect(curves[1]?.querySelectorAll("circle")).toHaveLength(1);
  });
  test("has a title, the names and values of the axes, levels and a legend", () => {
    const all = texts(text);
    for (const one of ["Accuracy by epoch", "Epoch", "Accuracy", "baseline <guess>", "1", "2", "3", "50\u00a0%"])
      expect(all).toContain(one);
    const legend = [...parsed(text).querySelectorAll("[data-legend]")].map((one) => one.textContent);
    expect(legend).toEqual(["Trial 1", "Trial 2"]);
  });
  test("needs no page", () => {
    expect(text.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true);
    expect(text).not.toContain("var(--");
    expect([width, height > 400]).toEqual([860, true]);
    expect(document.querySelector("svg")).toBeNull();
  });
  test("names only the last ones of very many series", () => {
    const many = Array.from({ length: MOST_NAMED + 5 }, (_, place) => curve(place + 1, "#2f7fd6", 0.1, 0.2));
    const legend = [...parsed(chartSvg("Many", picture(many)).text).querySelectorAll("[data-legend]")];
    expect(legend).toHaveLength(MOST_NAMED + 1);
    expect([legend[0]?.textContent, legend.at(-1)?.textContent]).toEqual(["Trial 6", "and 5 more"]);
  });
  test("without a value is empty, but drawn", () => {
    expect(chartSvg("Empty", picture([])).text).not.toMatch(/NaN|Infinity/);
  });
  test("of points names each of them, and draws the line that joins them", () => {
    const points = [curve(3, "#12936c", 0.5), curve(4, "#b565a7", 0.7)];
    const free = { ...x, low: undefined, steps: "any" as const };
    const frame = { x: free, y, xBounds: axisBounds([1], free, 0.06), yBounds: yBounds(points, y) };
    const file = chartSvg("Front", {
      series: points,
      frame,
      line: [points[0]?.points[0] ?? [0, 0], [2, 1]],
      named: true,
    });
    expect(texts(file.text).filter((one) => one === "Trial 3")).toHaveLength(2);
    expect(parsed(file.text).querySelectorAll("[data-series] circle")).toHaveLength(2);
  });
});

describe("the table of a chart", () => {
  test("has a line for each point in full precision", () => {
    expect(curvesCsv(series, x, y)).toBe(
      "Curve,Epoch,Accuracy,Note\r\nTrial 1,1,0.1,\r\nTrial 1,2,0.2,\r\nTrial 1,3,0.25,\r\n" +
        "Trial 2,1,0.5,stopped early\r\nTrial 2,2,0.123456789012345,stopped early\r\n",
    );
  });
  test("says units and names, and holds no formula", () => {
    const named = { label: "Study", format: String, name: (place: number) => ["=a", "b"][place - 1] };
    const first = [{ ...curve(1, "#2f7fd6", -0.1, 2), label: "@one" }];
    expect(curvesCsv(first, named, { ...y, label: "Time", unit: "seconds" })).toBe(
      `Curve,Study,"Time, in seconds"\r\n'@one,'=a,-0.1\r\n'@one,b,2\r\n`,
    );
  });
  test("of points has their notes", () => {
    expect(pointsCsv([{ id: 3, x: 0.1, y: 0.5, note: "On the front" }], "Trial", x, y)).toBe(
      "Trial,Accuracy,Epoch,Note\r\n3,0.5,0.1,On the front\r\n",
    );
  });
});

describe("the menu", () => {
  afterEach(() => {
    cleanup();
    vi.mocked(saveFile).mockClear();
  });
  const saved = async (button: string) => {
    fireEvent.click(screen.getByRole("button", { name: button }));
    await waitFor(() => expect(saveFile).toHaveBeenCalled());
    const [name, content] = vi.mocked(saveFile).mock.calls[0] ?? [];
    return { name, text: (await content?.text()) ?? "" };
  };

  test("saves curves", async () => {
    render(<Curves title="Accuracy by epoch" study="digits" series={series} y={y} />);
    const file = await saved("Vector (SVG)");
    expect(file.name).toBe("digits-accuracy-by-epoch.svg");
    expect(texts(file.text)).toContain("Trial 2");
  });
  test("saves points", async () => {
    const point = { id: 3, x: 1, y: 0.5, color: "#12936c", strong: true, text: "Trial 3: 50 %", href: "/", note: "–" };
    render(<Points title="Front" name="Trial" points={[point]} x={x} y={y} />);
    expect(await saved("Table (CSV)")).toEqual({
      name: "front.csv",
      text: "Trial,Accuracy,Epoch,Note\r\n3,0.5,1,–\r\n",
    });
  });
  test("says why a file cannot be saved", async () => {
    vi.mocked(saveFile).mockImplementationOnce(() => {
      throw new Error("The disk is full.");
    });
    render(<Curves title="Accuracy by epoch" series={series} y={y} />);
    fireEvent.click(screen.getByRole("button", { name: "Table (CSV)" }));
    expect((await screen.findByRole("alert")).textContent).toBe("The disk is full.");
  });
});
