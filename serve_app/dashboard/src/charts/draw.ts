/** Draws curves on uPlot's canvas. uPlot lays out the axes; the lines are ours, so that thousands of points stay fast. */
import type uPlot from "uplot";
import type { ThemeColors } from "./colors";
import { type Project, projection } from "./geometry";
import type { CurveId, CurveLevel, CurvePoint, CurveSeries, Place } from "./types";

export interface Drawing {
  series: readonly CurveSeries[];
  levels: readonly CurveLevel[];
  /** A line under the curves, which cannot be chosen: it joins the points of a front. */
  line?: readonly CurvePoint[];
  highlighted: CurveId | null;
  place: Place | null;
}

/** Positions of values: on the canvas in its own pixels, or over the plot in those of the page. */
export function projections(u: uPlot, over = false): { toX: Project; toY: Project } | null {
  const { x, y } = u.scales;
  if (x?.min == null || x.max == null || y?.min == null || y.max == null) return null;
  const { left, top, width, height } = u.bbox;
  const ratio = over ? window.devicePixelRatio || 1 : 1;
  const [from, upper] = over ? [0, 0] : [left, top];
  return {
    toX: projection({ low: x.min, high: x.max }, from, from + width / ratio),
    toY: projection({ low: y.min, high: y.max }, upper + height / ratio, upper),
  };
}

export function draw(u: uPlot, drawing: Drawing, theme: ThemeColors): void {
  const positions = projections(u);
  if (!positions) return;
  const { toX, toY } = positions;
  const ratio = window.devicePixelRatio || 1;
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineJoin = "round";
  ctx.lineCap = "round";
  drawLevels(u, drawing.levels, toY, theme, ratio);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = 1.5 * ratio;
  drawLine(ctx, drawing.line ?? [], toX, toY);
  const emphasised = drawing.place?.id ?? drawing.highlighted;
  const above = drawing.series.find((curve) => curve.id === emphasised);
  for (const curve of drawing.series) {
    if (curve !== above) drawCurve(ctx, curve, toX, toY, ratio, above ? "behind" : "plain");
  }
  if (above) drawCurve(ctx, above, toX, toY, ratio, "above");
  const point = above?.points[drawing.place?.index ?? -1];
  if (above && point) {
    ctx.globalAlpha = 1;
    disc(ctx, toX(point[0]), toY(point[1]), 6 * ratio, theme.surface);
    disc(ctx, toX(point[0]), toY(point[1]), 4 * ratio, above.color);
  }
  ctx.restore();
}

type Manner = "plain" | "behind" | "above";

function drawCurve(
  ctx: CanvasRenderingContext2D,
  curve: CurveSeries,
  toX: Project,
  toY: Project,
  ratio: number,
  manner: Manner,
): void {
  const usual = curve.faded ? 0.35 : curve.strong ? 1 : 0.8;
  ctx.globalAlpha = manner === "above" ? 1 : manner === "behind" ? usual * 0.3 : usual;
  ctx.strokeStyle = curve.color;
  ctx.lineWidth = (manner === "above" ? 3 : curve.strong ? 2.5 : 1.5) * ratio;
  ctx.setLineDash(curve.dashed ? [5 * ratio, 4 * ratio] : []);
  drawLine(ctx, curve.points, toX, toY);
  ctx.setLineDash([]);
  const last = curve.points[curve.points.length - 1];
  if (last && (curve.points.length === 1 || curve.faded)) {
    const radius = curve.points.length > 1 ? 2.5 : curve.strong ? 5 : 3;
    disc(ctx, toX(last[0]), toY(last[1]), radius * ratio, curve.color);
  }
  if (curve.marker) cross(ctx, toX(curve.marker.x), toY(curve.marker.y), 4 * ratio, 2 * ratio);
}

function drawLine(ctx: CanvasRenderingContext2D, points: readonly CurvePoint[], toX: Project, toY: Project): void {
  ctx.beginPath();
  points.forEach(([x, y], index) => {
    if (index === 0) ctx.moveTo(toX(x), toY(y));
    else ctx.lineTo(toX(x), toY(y));
  });
  ctx.stroke();
}

function drawLevels(u: uPlot, levels: readonly CurveLevel[], toY: Project, theme: ThemeColors, ratio: number): void {
  const { ctx, bbox } = u;
  for (const level of levels) {
    const y = toY(level.value);
    ctx.globalAlpha = 1;
    ctx.strokeStyle = theme.muted;
    ctx.lineWidth = ratio;
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.fillStyle = theme.muted;
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    ctx.textAlign = "left";
    const below = y - bbox.top < 18 * ratio;
    ctx.textBaseline = below ? "top" : "bottom";
    ctx.fillText(level.label, bbox.left + 4 * ratio, y + (below ? 3 : -3) * ratio);
  }
}

function disc(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number, color: string): void {
  ctx.fillStyle = color;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}

function cross(ctx: CanvasRenderingContext2D, x: number, y: number, size: number, width: number): void {
  ctx.lineWidth = width;
  ctx.beginPath();
  ctx.moveTo(x - size, y - size);
  ctx.lineTo(x + size, y + size);
  ctx.moveTo(x + size, y - size);
  ctx.lineTo(x - size, y + size);
  ctx.stroke();
}
