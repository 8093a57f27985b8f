/** The options of uPlot: axes in the theme's colours, bounds from outside, no lines and no cursor of its own. */
import type uPlot from "uplot";
import { type RoundEnds, roundSteps } from "../model/roundStep";
import type { ThemeColors } from "./colors";
import type { Bounds } from "./geometry";
import type { CurveAxis } from "./types";

export interface Frame {
  x: CurveAxis;
  y: CurveAxis;
  xBounds: Bounds;
  /** Labels stand at both ends. */
  yBounds: RoundEnds;
}

const FONT = "12px system-ui, sans-serif";
const WHOLE = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000];

/** `frame` and `theme` are read at each drawing, so that a change needs no new chart. */
export function plotOptions(
  size: { width: number; height: number },
  frame: () => Frame,
  theme: () => ThemeColors,
  drawn: (u: uPlot) => void,
): uPlot.Options {
  const axis = (which: "x" | "y"): uPlot.Axis => ({
    scale: which,
    stroke: () => theme().muted,
    font: FONT,
    grid: { stroke: () => theme().line, width: 1, show: which === "y" || frame().x.steps === "any" },
    ticks: { show: false },
    gap: 4,
    values: (_u, splits, _axis, _space, step) => {
      const told = frame()[which];
      return splits.map((value) => (told.tick ? told.tick(value, step) : told.format(value)));
    },
  });
  return {
    ...size,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => [frame().xBounds.low, frame().xBounds.high] },
      y: { range: () => [frame().yBounds.low, frame().yBounds.high] },
    },
    series: [{}, { scale: "y", paths: () => null, points: { show: false } }],
    axes: [
      {
        ...axis("x"),
        ...(frame().x.steps === "any" ? {} : { incrs: WHOLE }),
        space: 40,
        size: 26,
        label: frame().x.label,
        labelSize: 18,
        labelGap: 0,
        labelFont: FONT,
      },
      { ...axis("y"), incrs: () => roundSteps(frame().yBounds.step), space: 36, size: 58 },
    ],
    hooks: { draw: [drawn] },
  };
}

/** The data of uPlot: only the corners of the plot. */
export function corners(frame: Frame): uPlot.AlignedData {
  return [
    [frame.xBounds.low, frame.xBounds.high],
    [frame.yBounds.low, frame.yBounds.high],
  ];
}
