import { cut } from "../../charts/figure/axes";
import type { Axis } from "../../model/analysis/axis";
import type { Stretch } from "../../model/analysis/brush";
import { ticksOf } from "../../model/analysis/ticks";

interface Props {
  axis: Axis;
  x: number;
  top: number;
  bottom: number;
  /** Pixels to the next axis. */
  room: number;
  /** The keys move on it. */
  focused: boolean;
  stretch: Stretch | null;
}

/** One axis with its name, its values and what is selected of it. */
export function ParallelAxis({ axis, x, top, bottom, room, focused, stretch }: Props) {
  const y = (at: number) => bottom - at * (bottom - top);
  const [first, second] = twoLines(axis.label, room);
  const marked = stretch === null || stretch === "absent" ? null : stretch;
  return (
    <g>
      <text
        x={x}
        y={12}
        textAnchor="middle"
        fill={focused ? "var(--accent)" : "var(--main)"}
        fontWeight={focused ? 700 : 500}
      >
        {first}
        {second !== "" && (
          <tspan x={x} dy={13}>
            {second}
          </tspan>
        )}
      </text>
      <line
        x1={x}
        x2={x}
        y1={top}
        y2={bottom}
        stroke={focused ? "var(--accent)" : "var(--muted)"}
        strokeWidth={focused ? 2 : 1}
      />
      {marked && (
        <rect
          x={x - 7}
          width={14}
          y={y(marked[1])}
          height={Math.max(3, y(marked[0]) - y(marked[1]))}
          fill="var(--accent)"
          fillOpacity={0.28}
          stroke="var(--accent)"
        />
      )}
      {stretch === "absent" && (
        <rect
          x={x - 7}
          width={14}
          y={bottom + 6}
          height={20}
          fill="var(--accent)"
          fillOpacity={0.28}
          stroke="var(--accent)"
        />
      )}
      <g fill="var(--muted)" fontSize={10} stroke="var(--surface)" strokeWidth={3} paintOrder="stroke">
        {ticksOf(axis, axis.scale.kind === "choice" ? 9 : 5).map(({ at, text }) => (
          <text key={at} x={x + 5} y={y(at) + 3.5}>
            {cut(text, room)}
          </text>
        ))}
      </g>
    </g>
  );
}

/** A name in at most two lines. */
function twoLines(label: string, room: number): [string, string] {
  if (cut(label, room) === label) return [label, ""];
  const words = label.split(" ");
  let first = words.shift() ?? "";
  while (words[0] !== undefined && cut(`${first} ${words[0]}`, room) === `${first} ${words[0]}`)
    first += ` ${words.shift()}`;
  return [cut(first, room), cut(words.join(" "), room)];
}
