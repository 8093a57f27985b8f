/** The table that says the same as the curves. */
import type { CurveAxis, CurveSeries } from "./types";

export interface CurveTable {
  columns: string[];
  rows: { key: string | number; cells: string[] }[];
  /** Rows that are left out of a very long table. */
  left: number;
}

/** Up to this many curves the table has each of their values; of more it has one row a curve. */
const SIDE_BY_SIDE = 6;
export const MOST_ROWS = 500;

export function curveTable(series: readonly CurveSeries[], x: CurveAxis, y: CurveAxis): CurveTable {
  const table = series.length <= SIDE_BY_SIDE ? byPoint(series, x, y) : byCurve(series, x, y);
  return {
    columns: table.columns,
    rows: table.rows.slice(0, MOST_ROWS),
    left: Math.max(0, table.rows.length - MOST_ROWS),
  };
}

function byPoint(series: readonly CurveSeries[], x: CurveAxis, y: CurveAxis): Omit<CurveTable, "left"> {
  const values = series.map((curve) => new Map(curve.points));
  const places = new Set<number>();
  for (const curve of values) for (const place of curve.keys()) places.add(place);
  const rows = [...places]
    .sort((one, other) => one - other)
    .map((place) => ({
      key: place,
      cells: [x.format(place), ...values.map((curve) => (curve.has(place) ? y.format(curve.get(place) ?? 0) : "–"))],
    }));
  return { columns: [x.label, ...series.map((curve) => curve.label)], rows };
}

function byCurve(series: readonly CurveSeries[], x: CurveAxis, y: CurveAxis): Omit<CurveTable, "left"> {
  const rows = series.map((curve) => {
    const values = curve.points.map((point) => point[1]);
    const last = curve.points[curve.points.length - 1];
    const cells = last
      ? [
          x.format(last[0]),
          y.format(last[1]),
          y.format(Math.min(...values)),
          y.format(Math.max(...values)),
          curve.note ?? "–",
        ]
      : ["–", "–", "–", "–", curve.note ?? "–"];
    return { key: curve.id, cells: [curve.label, ...cells] };
  });
  return {
    columns: ["Curve", `Last ${x.label.toLowerCase()}`, "Last value", "Lowest", "Highest", "Note"],
    rows: rows.reverse(),
  };
}
