import { type KeyboardEvent, useCallback } from "react";
import { Axes, type AxisTick, across, type PlotArea, SIGN, up, valueRoom } from "./axes";
import { FigureBox, type FigureSize } from "./FigureBox";
import type { Box } from "./pointer";
import type { Spot } from "./spots";

export interface Dot {
  id: number;
  /** Places on the axes, from 0 to 1; null: no value, so it stands in the lane beside the axis. */
  x: number | null;
  y: number;
  color: string;
  text: string;
  look: "full" | "ring" | "faint";
  /** Pixels; default 4. */
  radius?: number;
}

/** A coloured area; all four ends are places on the axes, from 0 to 1. */
export interface Cell {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
  /** From 0 (lightest) to 1. */
  strength: number;
  label: string;
  id: string;
  text: string;
}

/** What a drag covers, as places on the axes; `absent`: it is within the lane of trials without a value. */
export interface Brushed {
  x: readonly [number, number] | "absent";
  y: readonly [number, number];
}

interface Props {
  title: string;
  keys: string;
  x: { label: string; ticks: readonly AxisTick[] };
  y: { label: string; ticks: readonly AxisTick[] };
  dots: readonly Dot[];
  cells?: readonly Cell[];
  /** Corners of a line through the dots, as places on the axes. */
  line?: readonly (readonly [number, number])[];
  /** Levels, such as thresholds: from x0 to x1 at y. */
  levels?: readonly { x0: number; x1: number; y: number }[];
  height?: number;
  onOpen?: (id: Spot["id"]) => void;
  openText?: string;
  onBrush?: (brushed: Brushed) => void;
  onKey?: (event: KeyboardEvent) => string | null;
}

const LANE = 34;
/** Room beside the label of a cell; without it the cell has none. */
const BESIDE = 6;

/** Dots between two axes, over coloured areas where there are some. */
export function Scatter(props: Props) {
  const { x, y, dots, cells, line, levels, height = 300, onBrush } = props;
  const lane = dots.some((dot) => dot.x === null);
  const areaOf = useCallback(
    ({ width, height: tall }: FigureSize): PlotArea => ({
      left: valueRoom(y.ticks) + (lane ? LANE : 0),
      right: width - 14,
      top: 22,
      bottom: tall - 38,
    }),
    [y, lane],
  );
  const draw = useCallback(
    (size: FigureSize) => {
      const area = areaOf(size);
      const place = (dot: Dot) => ({
        x: dot.x === null ? area.left - LANE / 2 : across(area, dot.x),
        y: up(area, dot.y),
      });
      const boxes = (cells ?? []).map((cell) => ({ cell, ...boxOf(area, cell) }));
      const spots: Spot[] = [
        ...boxes.map(({ cell: { id, text }, ...box }) => ({ id, text, ...box })),
        ...dots.map((dot) => ({ id: dot.id, text: dot.text, color: dot.color, ...place(dot) })),
      ];
      const drawing = (
        <>
          {boxes.map(({ cell, ...box }) => (
            <g key={cell.id}>
              <rect {...box} fill="var(--accent)" fillOpacity={0.08 + 0.62 * cell.strength} stroke="var(--surface)" />
            </g>
          ))}
          <Axes area={area} x={x} y={y} gap={lane ? LANE : 0} />
          {lane && <Lane area={area} />}
          {line && line.length > 1 && (
            <polyline
              points={line.map(([left, high]) => `${across(area, left)},${up(area, high)}`).join(" ")}
              fill="none"
              stroke="var(--muted)"
              strokeWidth={1.5}
            />
          )}
          {dots.map((dot) => (
            <Circle key={dot.id} dot={dot} {...place(dot)} />
          ))}
          {boxes.map(({ cell, ...box }) =>
            box.width < cell.label.length * SIGN + BESIDE || box.height < 14 ? null : (
              <text key={cell.id} x={box.x + 3} y={box.y + 11} fill="var(--main)" fontSize={10}>
                {cell.label}
              </text>
            ),
          )}
          {levels?.map(({ x0, x1, y: level }) => (
            <line
              key={`${x0} ${level}`}
              x1={across(area, x0)}
              x2={across(area, x1)}
              y1={up(area, level)}
              y2={up(area, level)}
              stroke="var(--main)"
              strokeWidth={2}
              strokeDasharray="4 3"
            />
          ))}
        </>
      );
      return { drawing, spots };
    },
    [areaOf, x, y, dots, cells, line, levels, lane],
  );
  const brushed = onBrush && ((box: Box, size: FigureSize) => onBrush(sharesOf(box, areaOf(size))));
  return <FigureBox {...props} height={height} draw={draw} onBrush={brushed} />;
}

function boxOf(area: PlotArea, { x0, x1, y0, y1 }: Cell) {
  const [left, top] = [across(area, x0), up(area, y1)];
  return { x: left, y: top, width: across(area, x1) - left, height: up(area, y0) - top };
}

function sharesOf(box: Box, area: PlotArea): Brushed {
  const left = (x: number) => Math.min(1, Math.max(0, (x - area.left) / (area.right - area.left)));
  const high = (y: number) => Math.min(1, Math.max(0, (area.bottom - y) / (area.bottom - area.top)));
  const x = box.right < area.left ? "absent" : ([left(box.left), left(box.right)] as const);
  return { x, y: [high(box.bottom), high(box.top)] };
}

function Circle({ dot, x, y }: { dot: Dot; x: number; y: number }) {
  const { color, look, radius = 4 } = dot;
  if (look === "ring")
    return <circle cx={x} cy={y} r={radius} fill="var(--surface)" stroke={color} strokeWidth={1.8} />;
  const faint = look === "faint";
  // The faint ones keep a rim, which also shows on a dark ground.
  const rim = faint ? { stroke: color, strokeOpacity: 0.8 } : {};
  return <circle cx={x} cy={y} r={faint ? 3 : radius} fill={color} fillOpacity={faint ? 0.3 : 0.9} {...rim} />;
}

function Lane({ area }: { area: PlotArea }) {
  return (
    <g>
      <rect
        x={area.left - LANE}
        y={area.top}
        width={LANE - 6}
        height={area.bottom - area.top}
        fill="var(--sunken)"
        stroke="var(--line)"
      />
      <text x={area.left - LANE / 2 - 3} y={area.bottom + 15} textAnchor="middle" fill="var(--muted)">
        none
      </text>
    </g>
  );
}
