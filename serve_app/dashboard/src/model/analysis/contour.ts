/**
 * Two parameters and a result: the plane is divided into areas, and each area with trials has the mean of theirs. An area
 * without a trial stays empty: nothing is interpolated.
 */
import type { TrialRecord } from "../trialRecord";
import { type Axis, numberAt, positionOf } from "./axis";

export interface Area {
  column: number;
  row: number;
  mean: number;
  numbers: readonly number[];
  /** Place of its mean between the worst (0) and the best (1) area. */
  share: number;
}

export interface Contour {
  columns: number;
  rows: number;
  areas: readonly Area[];
  /** Trials with a value on all three axes. */
  used: readonly TrialRecord[];
}

const AREAS = 8;

export function contourOf(trials: readonly TrialRecord[], x: Axis, y: Axis, result: Axis, lower: boolean): Contour {
  const [columns, rows] = [areasOf(x), areasOf(y)];
  const found = new Map<string, { column: number; row: number; sum: number; numbers: number[] }>();
  const used: TrialRecord[] = [];
  for (const trial of trials) {
    const [left, up, value] = [positionOf(x, x.of(trial)), positionOf(y, y.of(trial)), result.of(trial)];
    if (left === null || up === null || typeof value !== "number" || !Number.isFinite(value)) continue;
    used.push(trial);
    const column = Math.min(columns - 1, Math.floor(left * columns));
    const row = Math.min(rows - 1, Math.floor(up * rows));
    const area = found.get(`${column} ${row}`) ?? { column, row, sum: 0, numbers: [] };
    area.sum += value;
    area.numbers.push(trial.number);
    found.set(`${column} ${row}`, area);
  }
  const means = [...found.values()].map(({ column, row, sum, numbers }) => ({
    column,
    row,
    mean: sum / numbers.length,
    numbers,
  }));
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { mean } of means) {
    low = Math.min(low, mean);
    high = Math.max(high, mean);
  }
  const areas = means.map((area) => {
    const share = high > low ? (area.mean - low) / (high - low) : 1;
    return { ...area, share: lower && high > low ? 1 - share : share };
  });
  return { columns, rows, areas, used };
}

function areasOf({ scale }: Axis): number {
  if (scale.kind === "choice") return scale.values.length;
  return scale.whole ? Math.max(1, Math.min(AREAS, Math.round(scale.high - scale.low) + 1)) : AREAS;
}

/** The values that an area covers: "0.001 to 0.003", "adam". */
export function areaText(axis: Axis, place: number): string {
  const { scale } = axis;
  if (scale.kind === "choice") return writeChoice(axis, scale.values[place] ?? "");
  const areas = areasOf(axis);
  const [low, high] = [numberAt(scale, place / areas), numberAt(scale, (place + 1) / areas)];
  if (!scale.whole) return `${axis.write(low)} to ${axis.write(high)}`;
  const [from, to] = [Math.ceil(low), place === areas - 1 ? Math.floor(high) : Math.ceil(high) - 1];
  return from >= to ? axis.write(from) : `${axis.write(from)} to ${axis.write(to)}`;
}

function writeChoice(axis: Axis, text: string): string {
  if (text === "true" || text === "false") return axis.write(text === "true");
  return text !== "" && Number.isFinite(Number(text)) ? axis.write(Number(text)) : axis.write(text);
}
