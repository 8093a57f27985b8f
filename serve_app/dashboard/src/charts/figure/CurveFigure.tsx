import { linearValues } from "../../model/analysis/ticks";
import { roundEnds } from "../../model/roundStep";
import { type Bounds, type Project, projection } from "../geometry";
import { curveLook, DASHES, LEVEL_DASHES } from "../look";
import type { Frame } from "../options";
import type { CurveLevel, CurvePoint, CurveSeries } from "../types";
import { Axes, type AxisTick, cut, type PlotArea, SIGN, valueRoom } from "./axes";

export interface CurveDrawing {
  series: readonly CurveSeries[];
  frame: Frame;
  levels?: readonly CurveLevel[];
  /** A line under the curves: it joins the points of a front. */
  line?: readonly CurvePoint[];
  /** Writes the name of each series beside its last point; of very many, only those of the strong ones. */
  named?: boolean;
}

export const WIDTH = 860;
const PLOT_HEIGHT = 340;
const [TOP, RIGHT, AXIS, ROW] = [22, 16, 42, 18];
const MOST_TICKS = 12;
/** More names hide the drawing: of many series, the last ones are named, which lie above the others. */
export const MOST_NAMED = 40;

/** A chart of curves or points as an SVG drawing of a fixed size, for a file: axes, levels, curves and a legend. */
export function CurveFigure({ series, frame, levels = [], line = [], named = false }: CurveDrawing) {
  const { x, y } = { x: xTicks(frame), y: yTicks(frame) };
  const area: PlotArea = { left: valueRoom(y), right: WIDTH - RIGHT, top: TOP, bottom: TOP + PLOT_HEIGHT };
  const toX = projection(frame.xBounds, area.left, area.right);
  const toY = projection(frame.yBounds, area.bottom, area.top);
  const legend = legendOf(series);
  const height = area.bottom + AXIS + legend.height;
  return (
    <svg aria-hidden="true" width={WIDTH} height={height} viewBox={`0 0 ${WIDTH} ${height}`}>
      <Axes area={area} x={{ label: frame.x.label, ticks: x }} y={{ label: frame.y.label, ticks: y }} />
      <clipPath id="plot">
        <rect x={area.left} y={area.top - 6} width={area.right - area.left} height={PLOT_HEIGHT + 12} />
      </clipPath>
      <g clipPath="url(#plot)" fill="none" strokeLinejoin="round" strokeLinecap="round">
        {levels.map(({ value }, place) => (
          <path
            key={place}
            d={`M${area.left} ${toY(value)}H${area.right}`}
            stroke="var(--muted)"
            strokeDasharray={LEVEL_DASHES.join(" ")}
          />
        ))}
        {line.length > 1 && <path d={pathOf(line, toX, toY)} stroke="var(--muted)" strokeWidth={1.5} />}
        {series.map((curve) => (
          <Curve key={curve.id} curve={curve} toX={toX} toY={toY} />
        ))}
      </g>
      {(named ? series : [])
        .filter(({ strong }) => strong || series.length <= MOST_NAMED)
        .map((curve) => (
          <Name key={curve.id} curve={curve} toX={toX} toY={toY} />
        ))}
      {levels.map(({ value, label }, place) => (
        <LevelName key={place} text={label} x={area.left} y={Math.max(area.top + 15, toY(value))} />
      ))}
      <g transform={`translate(${area.left} ${area.bottom + AXIS})`}>
        {legend.entries.map(({ curve, text, left, top }, place) => (
          <g key={place} data-legend="" transform={`translate(${left} ${top})`}>
            {curve && <Sample curve={curve} />}
            <text x={curve ? 24 : 0} y={12} fill="var(--main)">
              {text}
            </text>
          </g>
        ))}
      </g>
    </svg>
  );
}

interface Placed {
  curve: CurveSeries;
  toX: Project;
  toY: Project;
}

function Curve({ curve, toX, toY }: Placed) {
  const { opacity, width, end } = curveLook(curve);
  const last = curve.points[curve.points.length - 1];
  if (!last) return null;
  const { marker, color } = curve;
  return (
    <g data-series="" opacity={opacity} stroke={color} strokeWidth={width}>
      <path d={pathOf(curve.points, toX, toY)} strokeDasharray={curve.dashed ? DASHES.join(" ") : undefined} />
      {end !== null && <circle cx={toX(last[0])} cy={toY(last[1])} r={end} fill={color} stroke="none" />}
      {marker && (
        <path
          d={`M${toX(marker.x) - 4} ${toY(marker.y) - 4}l8 8m0 -8l-8 8`}
          strokeWidth={2}
          data-marker={marker.text}
        />
      )}
    </g>
  );
}

/** The name beside the last point, on the side where it has room. */
function Name({ curve, toX, toY }: Placed) {
  const last = curve.points[curve.points.length - 1];
  if (!last) return null;
  const right = toX(last[0]) + 10 + curve.label.length * SIGN > WIDTH;
  return (
    <text
      x={toX(last[0]) + (right ? -8 : 8)}
      y={toY(last[1]) + 4}
      textAnchor={right ? "end" : "start"}
      fill="var(--muted)"
    >
      {curve.label}
    </text>
  );
}

/** The name of a level on a ground of its own, so that curves do not cross its letters. */
function LevelName({ text, x, y }: { text: string; x: number; y: number }) {
  return (
    <>
      <rect x={x} y={y - 15} width={text.length * SIGN + 8} height={14} fill="var(--surface)" />
      <text x={x + 4} y={y - 4} fill="var(--muted)">
        {text}
      </text>
    </>
  );
}

function Sample({ curve }: { curve: CurveSeries }) {
  const { opacity, width, end } = curveLook(curve);
  if (curve.points.length === 1) return <circle cx={9} cy={8} r={end ?? 3} fill={curve.color} opacity={opacity} />;
  const dashes = curve.dashed ? DASHES.join(" ") : undefined;
  return <path d="M0 8H18" stroke={curve.color} strokeWidth={width} strokeDasharray={dashes} opacity={opacity} />;
}

/** Names from left to right in as many rows as they need. */
function legendOf(series: readonly CurveSeries[]) {
  const drawn = series.filter(({ points }) => points.length > 0);
  const rest = Math.max(0, drawn.length - MOST_NAMED);
  const parts: { curve: CurveSeries | null; text: string }[] = drawn
    .slice(rest)
    .map((curve) => ({ curve, text: cut(curve.label, 320) }));
  if (rest > 0) parts.push({ curve: null, text: `and ${rest} more` });
  const room = WIDTH - 100;
  let [left, top] = [0, 0];
  const entries = parts.map((part) => {
    const width = (part.curve ? 24 : 0) + part.text.length * SIGN + 18;
    if (left > 0 && left + width > room) [left, top] = [0, top + ROW];
    const entry = { ...part, left, top };
    left += width;
    return entry;
  });
  return { entries, height: entries.length > 0 ? top + ROW + 8 : 8 };
}

function pathOf(points: readonly CurvePoint[], toX: Project, toY: Project): string {
  const round = (value: number) => Math.round(value * 100) / 100;
  return points.map(([x, y], place) => `${place === 0 ? "M" : "L"}${round(toX(x))} ${round(toY(y))}`).join("");
}

function xTicks({ x, xBounds }: Frame): AxisTick[] {
  const whole = x.steps !== "any";
  const values = linearValues({ ...xBounds, whole }, MOST_TICKS);
  return ticksAt(values, xBounds, x, roundEnds(xBounds.low, xBounds.high, MOST_TICKS - 1, whole).step);
}

function yTicks({ y, yBounds }: Frame): AxisTick[] {
  const { low, high, step } = yBounds;
  const values = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, place) =>
    Number((low + place * step).toPrecision(12)),
  );
  return ticksAt(values, yBounds, y, step);
}

function ticksAt(values: readonly number[], bounds: Bounds, axis: Frame["x"], step: number): AxisTick[] {
  const toShare = projection(bounds, 0, 1);
  return values.map((value) => ({ at: toShare(value), text: axis.tick?.(value, step) ?? axis.format(value) }));
}
