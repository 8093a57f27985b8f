/** A chart that the page draws on a canvas as files: an SVG drawing of it, and its points as CSV. Loaded when saved. */
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { csvText } from "../../model/trialCsv";
import type { CurveAxis, CurveSeries } from "../types";
import { type CurveDrawing, CurveFigure } from "./CurveFigure";
import { type FigureFile, figureSvg } from "./figureFile";

export function chartSvg(title: string, drawing: CurveDrawing): FigureFile {
  const host = document.createElement("div");
  host.hidden = true;
  document.body.append(host);
  const root = createRoot(host);
  try {
    flushSync(() => root.render(<CurveFigure {...drawing} />));
    const svg = host.querySelector("svg");
    if (!svg) throw new Error("The browser cannot draw the figure.");
    return figureSvg(svg, title);
  } finally {
    root.unmount();
    host.remove();
  }
}

/** A line for each point, in full precision. */
export function curvesCsv(series: readonly CurveSeries[], x: CurveAxis, y: CurveAxis): string {
  const noted = series.some(({ note }) => note !== undefined);
  const rows = series.flatMap(({ label, note, points }) =>
    points.map(([at, value]) => [label, x.name?.(at) ?? at, value, ...(noted ? [note ?? null] : [])]),
  );
  return csvText(["Curve", columnName(x), columnName(y), ...(noted ? ["Note"] : [])], rows);
}

export interface NotedPoint {
  id: number;
  x: number;
  y: number;
  note: string;
}

/** A line for each point, in full precision; `name` is what the points are called: "Trial". */
export function pointsCsv(points: readonly NotedPoint[], name: string, x: CurveAxis, y: CurveAxis): string {
  const rows = points.map((point) => [point.id, point.y, point.x, point.note]);
  return csvText([name, columnName(y), columnName(x), "Note"], rows);
}

function columnName({ label, unit }: CurveAxis): string {
  return unit === undefined ? label : `${label}, in ${unit}`;
}
