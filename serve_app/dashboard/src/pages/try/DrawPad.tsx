import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { plural } from "../../model/sentence";
import type { Point, Stroke } from "../../model/try/drawing";

interface Props {
  strokes: readonly Stroke[];
  onChange: (strokes: readonly Stroke[]) => void;
  describedBy: string;
}

const STEPS: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};
/** Steps of the arrow keys as shares of the pad; the second one with Shift. */
const [STEP, SMALL_STEP] = [0.05, 0.01];
/** Width of a line in the pad of 100 x 100 units. */
const PEN = 8;

/** A square to draw in with a mouse, a finger, a pen or the keyboard. */
export function DrawPad({ strokes, onChange, describedBy }: Props) {
  const pad = useRef<SVGSVGElement>(null);
  const [current, setCurrent] = useState<Stroke | null>(null);
  const [pen, setPen] = useState<Point & { down: boolean }>({ x: 0.5, y: 0.5, down: false });
  const [focused, setFocused] = useState(false);

  const place = (event: PointerEvent): Point => {
    const box = pad.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return { x: 0.5, y: 0.5 };
    return { x: inside((event.clientX - box.left) / box.width), y: inside((event.clientY - box.top) / box.height) };
  };
  const begin = (event: PointerEvent) => {
    if (event.button !== 0) return;
    pad.current?.setPointerCapture?.(event.pointerId);
    setPen({ ...pen, down: false });
    setCurrent([place(event)]);
  };
  const move = (event: PointerEvent) => {
    if (current !== null) setCurrent([...current, place(event)]);
  };
  const end = () => {
    if (current === null) return;
    onChange([...strokes, current]);
    setCurrent(null);
  };
  const press = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step !== undefined) {
      const size = event.shiftKey ? SMALL_STEP : STEP;
      const next = { x: inside(pen.x + size * step.x), y: inside(pen.y + size * step.y) };
      setPen({ ...next, down: pen.down });
      const last = strokes.at(-1);
      if (pen.down && last !== undefined) onChange([...strokes.slice(0, -1), [...last, next]]);
    } else if (event.key === " " || event.key === "Enter") {
      if (!pen.down) onChange([...strokes, [{ x: pen.x, y: pen.y }]]);
      setPen({ ...pen, down: !pen.down });
    } else if (event.key === "Backspace" || event.key === "Delete") {
      onChange(event.key === "Delete" ? [] : strokes.slice(0, -1));
      setPen({ ...pen, down: false });
    } else return;
    event.preventDefault();
  };
  return (
    <svg
      ref={pad}
      role="application"
      aria-label={`Pad to draw on, ${strokes.length === 0 ? "empty" : plural(strokes.length, "stroke")}, the pen is ${pen.down ? "down" : "up"}`}
      aria-describedby={describedBy}
      data-pad
      // biome-ignore lint/a11y/noNoninteractiveTabindex: one draws in it with keys too
      tabIndex={0}
      viewBox="0 0 100 100"
      onPointerDown={begin}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={press}
      onFocus={(event) => setFocused(event.currentTarget.matches(":focus-visible"))}
      onBlur={() => setFocused(false)}
      className="focus-ring aspect-square w-full cursor-crosshair touch-none rounded-button border border-line bg-sunken select-none"
    >
      <g fill="none" stroke="var(--main)" strokeWidth={PEN} strokeLinecap="round" strokeLinejoin="round">
        {[...strokes, ...(current === null ? [] : [current])].map((stroke, at) => (
          <polyline key={at} points={pointsOf(stroke)} />
        ))}
      </g>
      {focused && (
        <circle
          cx={100 * pen.x}
          cy={100 * pen.y}
          r={PEN / 2 + 1}
          fill={pen.down ? "var(--accent)" : "none"}
          stroke="var(--accent)"
          strokeWidth={1.5}
        />
      )}
    </svg>
  );
}

/** A single point gets a second one: browsers draw no line of one point. */
function pointsOf(stroke: Stroke): string {
  const points = stroke.length === 1 ? [...stroke, ...stroke] : stroke;
  return points.map(({ x, y }) => `${(100 * x).toFixed(1)},${(100 * y).toFixed(1)}`).join(" ");
}

function inside(share: number): number {
  return Math.min(1, Math.max(0, share));
}
