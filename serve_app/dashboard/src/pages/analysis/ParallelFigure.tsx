import { type KeyboardEvent, useCallback, useState } from "react";
import { trialColor } from "../../charts";
import { SIGN } from "../../charts/figure/axes";
import { FigureBox, type FigureSize } from "../../charts/figure/FigureBox";
import type { Box } from "../../charts/figure/pointer";
import type { Spot } from "../../charts/figure/spots";
import { conditionText, movedStretch, partsOf, stretchOf } from "../../model/analysis/brush";
import type { ParallelPicture } from "../../model/analysis/parallel";
import { conditionOf, type Selection } from "../../model/analysis/selection";
import { openTrial } from "../trials/trialHref";
import { ParallelAxis } from "./ParallelAxis";
import { brush } from "./useSelection";

interface Props {
  title: string;
  picture: ParallelPicture;
  selection: Selection;
  /** A drawn trial in words. */
  text: (number: number) => string;
}

const HEIGHT = 360;
const TOP = 40;
const LANE = 30;
/** An axis with its values needs this much room; narrower windows scroll the figure. */
const AXIS_ROOM = 78;
const SIDE = 34;
const KEYS =
  "Left and right choose an axis; up and down select a stretch of it, with Shift they make it wider or narrower; Delete removes it";

/** A line for each trial. A drag along an axis, or the keys, select a stretch of it. */
export function ParallelFigure({ title, picture, selection, text }: Props) {
  const { axes, lines, absent } = picture;
  const [focused, setFocused] = useState<number | null>(null);
  const lane = absent.includes(true);
  const bottom = HEIGHT - 12 - (lane ? LANE : 0);
  const xOf = useCallback(
    (width: number, place: number) => SIDE + (place * (width - 2 * SIDE - 24)) / Math.max(1, axes.length - 1),
    [axes],
  );
  const draw = useCallback(
    ({ width }: FigureSize) => {
      const y = (at: number | null) => (at === null ? bottom + LANE / 2 + 2 : bottom - at * (bottom - TOP));
      const spots: Spot[] = [];
      const drawn = lines.map((line) => {
        const points = line.at.map((at, place) => ({ x: xOf(width, place), y: y(at) }));
        if (line.selected) {
          points.forEach((point, place) => {
            spots.push({
              id: `${line.number}/${place}`,
              ...point,
              text: text(line.number),
              color: trialColor(line.number),
            });
          });
        }
        return { ...line, points: points.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(" ") };
      });
      const room = (xOf(width, 1) - xOf(width, 0) || width) - 8;
      const drawing = (
        <>
          {lane && <Lane y={bottom + 4} width={width} />}
          {drawn.map((line) => (
            <polyline
              key={line.number}
              points={line.points}
              fill="none"
              stroke={line.best ? trialColor(line.number) : "var(--muted)"}
              strokeWidth={line.best ? 2.2 : 1}
              strokeOpacity={line.best ? 0.95 : line.selected ? 0.38 : 0.09}
            />
          ))}
          {axes.map((axis, place) => (
            <ParallelAxis
              key={axis.key}
              axis={axis}
              x={xOf(width, place)}
              top={TOP}
              bottom={bottom}
              room={Math.max(4 * SIGN, room)}
              focused={place === focused}
              stretch={stretchOf(axis, conditionOf(selection, axis.key))}
            />
          ))}
        </>
      );
      return { drawing, spots };
    },
    [axes, lines, lane, bottom, xOf, text, focused, selection],
  );
  const onBrush = (box: Box, { width }: FigureSize) => {
    const middle = (box.left + box.right) / 2;
    const places = axes.map((_, place) => Math.abs(xOf(width, place) - middle));
    const axis = axes[places.indexOf(Math.min(...places))];
    if (axis === undefined) return;
    const share = (y: number) => Math.min(1, Math.max(0, (bottom - y) / (bottom - TOP)));
    const stretch = box.top > bottom ? ("absent" as const) : ([share(box.bottom), share(box.top)] as const);
    brush([[axis.key, partsOf(axis, stretch)]]);
  };
  const onKey = (event: KeyboardEvent): string | null => {
    if (event.key === "Escape" && focused !== null) {
      setFocused(null);
      return "";
    }
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const place = focused === null ? 0 : Math.min(axes.length - 1, Math.max(0, focused + step));
    const axis = axes[place];
    if (axis === undefined) return null;
    if (step !== 0) {
      setFocused(place);
      const condition = conditionOf(selection, axis.key);
      return condition
        ? `Axis ${place + 1} of ${axes.length}: ${conditionText(axis, condition)}`
        : `Axis ${place + 1} of ${axes.length}: ${axis.label}, all values`;
    }
    if (event.key === "Delete" || event.key === "Backspace") {
      brush([[axis.key, []]]);
      return `${axis.label}: all values`;
    }
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return null;
    setFocused(place);
    const now = stretchOf(axis, conditionOf(selection, axis.key));
    const key = event.key === "ArrowUp" ? "up" : "down";
    const parts = partsOf(axis, movedStretch(axis, now, key, event.shiftKey, absent[place] ?? false));
    brush([[axis.key, parts]]);
    return conditionText(axis, { key: axis.key, parts });
  };
  return (
    <FigureBox
      title={title}
      keys={KEYS}
      height={HEIGHT}
      minWidth={2 * SIDE + 24 + (axes.length - 1) * AXIS_ROOM}
      draw={draw}
      onOpen={(id) => openTrial(Number(String(id).split("/")[0]))}
      openText="opens the trial below the pointer"
      onBrush={onBrush}
      onKey={onKey}
    />
  );
}

function Lane({ y, width }: { y: number; width: number }) {
  return (
    <g>
      <rect x={4} y={y} width={width - 8} height={LANE - 4} rx={4} fill="var(--sunken)" stroke="var(--line)" />
      <text x={8} y={y + LANE / 2 + 2} fill="var(--muted)" fontSize={10}>
        none
      </text>
    </g>
  );
}
