/** Draws curves on uPlot's canvas. uPlot lays out the axes; the lines are ours, so that thousands of points stay fast. */
import type uPlot from "uplot";
import type { ThemeColors } from "./colors";
import { type Project, projection } from "./geometry";
import { curveLook, DASHES, LEVEL_DASHES } from "./look";
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
  for (const level of drawing.levels) drawLevel(u, toY(level.value), theme, ratio);
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
  for (const level of drawing.levels) drawLabel(u, level.label, toY(level.value), theme, ratio);
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
  const { opacity, width, end } = curveLook(curve);
  ctx.globalAlpha = manner === "above" ? 1 : manner === "behind" ? opacity * 0.4 : opacity;
  ctx.strokeStyle = curve.color;
  ctx.lineWidth = (manner === "above" ? 3 : width) * ratio;
  ctx.setLineDash(curve.dashed ? DASHES.map((length) => length * ratio) : []);
  drawLine(ctx, curve.points, toX, toY);
  ctx.setLineDash([]);
  const last = curve.points[curve.points.length - 1];
  if (last && end !== null) disc(ctx, toX(last[0]), toY(last[1]), end * ratio, curve.color);
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

function drawLevel({ ctx, bbox }: uPlot, y: number, theme: ThemeColors, ratio: number): void {
  ctx.globalAlpha = 1;
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = ratio;
  ctx.setLineDash(LEVEL_DASHES.map((length) => length * ratio));
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** The name of a level at the left edge, on a ground of its own, so that curves do not cross the letters. */
function drawLabel({ ctx, bbox }: uPlot, label: string, y: number, theme: ThemeColors, ratio: number): void {
  const height = 15 * ratio;
  const top = y - bbox.top < height + 3 * ratio ? y + 2 * ratio : y - height - 2 * ratio;
  ctx.globalAlpha = 1;
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.fillStyle = theme.surface;
  ctx.fillRect(bbox.left, top, ctx.measureText(label).width + 8 * ratio, height);
  ctx.fillStyle = theme.muted;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillText(label, bbox.left + 4 * ratio, top + height / 2);
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
