import { useCallback } from "react";
import { cut, SIGN } from "../../charts/figure/axes";
import { FigureBox, type FigureSize } from "../../charts/figure/FigureBox";
import type { Spot } from "../../charts/figure/spots";
import { type ImportanceCell, type ImportanceMap, whyText } from "../../model/analysis/importanceMap";
import { percent } from "../../model/format";
import { objectiveName } from "../../model/objectiveWords";
import { capital, plural, words } from "../../model/sentence";

const ROW = 34;
const HEAD = 34;
const COLUMN = 64;
/** Pixels of a column from which on it has the whole name. */
const WIDE = 84;

interface Props {
  map: ImportanceMap;
  /** Rows that are drawn. */
  parameters: readonly string[];
  onOpen: (parameter: string) => void;
}

/** A cell for each hyperparameter and result: the more it decided, the stronger its colour. */
export function ImportanceFigure({ map, parameters, onOpen }: Props) {
  const { metrics } = map;
  const draw = useCallback(
    ({ width }: FigureSize) => {
      const names = parameters.map((name) => capital(words(name)));
      const room = Math.min(width * 0.34, Math.max(60, ...names.map((name) => name.length * SIGN + 12)));
      const column = (width - room - 4) / Math.max(1, metrics.length);
      const boxes = map.cells
        .filter(({ parameter }) => parameters.includes(parameter))
        .map((cell) => ({
          cell,
          x: room + metrics.indexOf(cell.metric) * column,
          y: HEAD + parameters.indexOf(cell.parameter) * ROW,
          width: column - 2,
          height: ROW - 2,
        }));
      const spots: Spot[] = boxes.map(({ cell, ...box }) => ({
        id: `${cell.parameter} ${cell.metric}`,
        text: cellText(cell),
        ...box,
      }));
      const drawing = (
        <>
          {metrics.map((metric, place) => (
            <HeadText key={metric} text={headOf(metric, column)} x={room + place * column} width={column - 6} />
          ))}
          {names.map((name, place) => (
            <text key={name} x={2} y={HEAD + place * ROW + 20} fill="var(--main)">
              {cut(name, room - 8)}
            </text>
          ))}
          {boxes.map(({ cell, ...box }) => (
            <g key={`${cell.parameter} ${cell.metric}`}>
              <rect {...box} rx={3} fill="var(--sunken)" />
              {cell.share !== null && (
                <rect {...box} rx={3} fill="var(--accent)" fillOpacity={0.05 + 0.55 * cell.share} />
              )}
              <text x={box.x + box.width / 2} y={box.y + 14} textAnchor="middle" fill="var(--main)">
                {cell.share === null
                  ? cell.why === "too few"
                    ? "too few"
                    : cell.why === "loading"
                      ? "…"
                      : "–"
                  : percent(cell.share, 0)}
              </text>
              <text x={box.x + box.width / 2} y={box.y + 27} textAnchor="middle" fill="var(--main)" fontSize={10}>
                {`n = ${cell.count}`}
              </text>
            </g>
          ))}
        </>
      );
      return { drawing, spots };
    },
    [map, metrics, parameters],
  );
  return (
    <FigureBox
      title="Importance of each hyperparameter for each result"
      keys="Arrow keys choose a cell"
      height={HEAD + parameters.length * ROW}
      minWidth={100 + metrics.length * COLUMN}
      draw={draw}
      onOpen={(id) => onOpen(String(id).split(" ")[0] ?? "")}
      openText="shows its slice"
    />
  );
}

export function cellText(cell: ImportanceCell): string {
  const what = `${capital(words(cell.parameter))}, ${objectiveName(cell.metric)}`;
  return cell.share === null
    ? `${what}: ${whyText(cell)}`
    : `${what}: ${percent(cell.share, 0)} of the differences, by ${plural(cell.count, "trial")}`;
}

const SHORT: Readonly<Record<string, string>> = {
  val_accuracy: "Accuracy",
  val_loss: "Loss",
  parameter_count: "Size",
};

/** The name of a result; a short one where there is little room. */
function headOf(metric: string, width: number): string {
  const short = width < WIDE ? SHORT[metric] : undefined;
  return short ?? capital(objectiveName(metric));
}

/** A heading in two lines. */
function HeadText({ text, x, width }: { text: string; x: number; width: number }) {
  const split = text.length * SIGN > width ? text.lastIndexOf(" ") : -1;
  const lines = split < 0 ? ["", text] : [text.slice(0, split), text.slice(split + 1)];
  return lines.map((line, place) => (
    <text key={place} x={x + width / 2} y={13 + place * 13} textAnchor="middle" fill="var(--muted)">
      {cut(line, width)}
    </text>
  ));
}
