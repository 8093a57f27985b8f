/** Axes of a figure: lines, values and names. */
import type { ReactNode } from "react";

export interface AxisTick {
  /** From 0 to 1. */
  at: number;
  text: string;
}

export interface PlotArea {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** About the width of a sign of the small font, in pixels. */
export const SIGN = 6.1;

/** A text cut to a width in pixels. */
export function cut(text: string, width: number): string {
  const most = Math.max(1, Math.floor(width / SIGN));
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`;
}

export const across = (area: PlotArea, share: number) => area.left + share * (area.right - area.left);
export const up = (area: PlotArea, share: number) => area.bottom - share * (area.bottom - area.top);

/** Pixels to the left of the plot that these values need. */
export function valueRoom(ticks: readonly AxisTick[], most = 96): number {
  return Math.min(most, Math.max(24, ...ticks.map(({ text }) => text.length * SIGN)) + 12);
}

const LAST = 0.97;

/** The values below a plot: words are cut to their room; of numbers only as many are written as have room. */
export function valuesBelow(ticks: readonly AxisTick[], area: PlotArea): AxisTick[] {
  const slot = (area.right - area.left) / Math.max(1, ticks.length);
  const short = ticks.map(({ at, text }) => ({ at, text: /^[-\d]/.test(text) ? text : cut(text, slot - 5) }));
  const touch = (one: AxisTick, place: number, all: readonly AxisTick[]) => {
    const before = all[place - 1];
    return before !== undefined && ends(one, area)[0] < ends(before, area)[1] + 4;
  };
  for (let step = 1; ; step += 1) {
    const some = short.filter((_, place) => place % step === 0);
    if (!some.some(touch)) return some;
  }
}

/** Where the text of a tick begins and ends. */
function ends({ at, text }: AxisTick, area: PlotArea): [number, number] {
  const width = text.length * SIGN;
  const end = across(area, at) + (at > LAST ? 0 : width / 2);
  return [end - width, end];
}

export function Axes(props: {
  area: PlotArea;
  /** Pixels between the plot and the values at its left. */
  gap?: number;
  x: { label: string; ticks: readonly AxisTick[] };
  y: { label: string; ticks: readonly AxisTick[] };
}): ReactNode {
  const { area, x, y, gap = 0 } = props;
  const end = area.left - gap - 6;
  return (
    <g fill="var(--muted)">
      {y.ticks.map(({ at, text }) => (
        <g key={at}>
          <line x1={area.left} x2={area.right} y1={up(area, at)} y2={up(area, at)} stroke="var(--line)" />
          <text x={end} y={up(area, at) + 4} textAnchor="end">
            {cut(text, end - 2)}
          </text>
        </g>
      ))}
      {valuesBelow(x.ticks, area).map(({ at, text }) => (
        <g key={at}>
          <line x1={across(area, at)} x2={across(area, at)} y1={area.top} y2={area.bottom} stroke="var(--line)" />
          <text x={across(area, at)} y={area.bottom + 15} textAnchor={at > LAST ? "end" : "middle"}>
            {text}
          </text>
        </g>
      ))}
      <text x={(area.left + area.right) / 2} y={area.bottom + 31} textAnchor="middle">
        {cut(x.label, area.right - area.left)}
      </text>
      <text x={4} y={11}>
        {y.label}
      </text>
    </g>
  );
}
