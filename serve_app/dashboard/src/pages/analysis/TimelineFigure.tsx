import { useCallback } from "react";
import { trialColor } from "../../charts";
import { cut, SIGN } from "../../charts/figure/axes";
import { FigureBox, type FigureSize } from "../../charts/figure/FigureBox";
import type { Spot } from "../../charts/figure/spots";
import { span } from "../../model/analysis/sentences";
import { type Lane, linearTicks, type Timeline } from "../../model/analysis/timeline";
import { count } from "../../model/format";
import { statusWords } from "../../model/trialWords";
import { openTrial } from "../trials/trialHref";

const ROW = 24;
const FOOT = 34;
/** A span that ends within this many pixels of the one before it is not drawn: they could not be told apart. */
const NARROWEST = 0.6;

interface Props {
  title: string;
  line: Timeline;
  isSelected: (number: number) => boolean;
}

/** A row for each worker: its trials as bars, the gaps hatched. */
export function TimelineFigure({ title, line, isSelected }: Props) {
  const { lanes, from, to } = line;
  const height = lanes.length * ROW + FOOT;
  const draw = useCallback(
    ({ width }: FigureSize) => {
      const names = lanes.map((lane, row) => laneName(lanes, lane, row));
      const left = Math.min(width * 0.3, Math.max(40, ...names.map((name) => name.length * SIGN)) + 8);
      const x = (time: number) => left + ((time - from) / Math.max(1, to - from)) * (width - left - 12);
      const spots: Spot[] = [];
      let hidden = 0;
      const bars = lanes.flatMap((lane, row) => {
        let drawnTo = -1;
        return lane.spans.flatMap((one) => {
          const [start, end] = [x(one.from), x(one.to)];
          const box = { x: start, y: row * ROW + 3, width: Math.max(1, end - start), height: ROW - 6 };
          const text = `Trial ${one.number}, ${statusWords(one.status).toLowerCase()}: ${span(one.to - one.from)}, on ${names[row]}`;
          spots.push({ id: one.number, text, color: trialColor(one.number), ...box });
          if (end - drawnTo < NARROWEST) {
            hidden += 1;
            return [];
          }
          drawnTo = end;
          return [
            {
              ...box,
              number: one.number,
              selected: isSelected(one.number),
              good: ["completed", "running"].includes(one.status),
            },
          ];
        });
      });
      const drawing = (
        <>
          {names.map((name, row) => (
            <text key={name} x={2} y={row * ROW + 16} fill="var(--muted)">
              {cut(name, left - 8)}
            </text>
          ))}
          {linearTicks(to - from, Math.max(2, Math.floor((width - left) / 90))).map((at) => (
            <g key={at}>
              <line x1={x(from + at)} x2={x(from + at)} y1={0} y2={height - FOOT} stroke="var(--line)" />
              <text
                x={x(from + at)}
                y={height - FOOT + 14}
                textAnchor={at === 0 ? "start" : "middle"}
                fill="var(--muted)"
              >
                {at === 0 ? "0" : span(at)}
              </text>
            </g>
          ))}
          <text x={(left + width) / 2} y={height - 4} textAnchor="middle" fill="var(--muted)">
            Time since the first trial started
          </text>
          {lanes.flatMap((lane, row) =>
            lane.gaps
              .filter((gap) => x(gap.to) - x(gap.from) > 2)
              .map((gap) => (
                <line
                  key={`${row} ${gap.from}`}
                  x1={x(gap.from) + 1}
                  x2={x(gap.to) - 1}
                  y1={row * ROW + ROW / 2}
                  y2={row * ROW + ROW / 2}
                  stroke="var(--warn)"
                  strokeWidth={4}
                  strokeDasharray="2 3"
                />
              )),
          )}
          {bars.map(({ number, selected, good, ...box }) => (
            <g key={number}>
              <rect
                {...box}
                rx={2}
                fill={trialColor(number)}
                fillOpacity={selected ? (good ? 0.85 : 0.3) : 0.12}
                stroke={good || !selected ? "none" : trialColor(number)}
              />
              {box.width > 26 && (
                <text
                  x={box.x + 4}
                  y={box.y + 13}
                  fill="var(--main)"
                  stroke="var(--surface)"
                  strokeWidth={2.5}
                  paintOrder="stroke"
                >
                  {number}
                </text>
              )}
            </g>
          ))}
        </>
      );
      const note = hidden > 0 ? `Very short trials are not drawn: ${count(hidden)}. The table lists them.` : undefined;
      return { drawing, spots, note };
    },
    [lanes, from, to, height, isSelected],
  );
  return (
    <FigureBox
      title={title}
      keys="Arrow keys choose a trial"
      height={height}
      draw={draw}
      onOpen={(id) => openTrial(Number(id))}
      openText="opens the trial"
    />
  );
}

/** The machine, with a number if it has several rows: "node-a", "node-b 2". */
function laneName(lanes: readonly Lane[], { node }: Lane, row: number): string {
  const same = lanes.filter((lane) => lane.node === node).length;
  const place = lanes.slice(0, row + 1).filter((lane) => lane.node === node).length;
  return same > 1 ? `${node ?? "Worker"} ${place}` : (node ?? "Worker");
}
