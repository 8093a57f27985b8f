/** The table of a figure: raw values for its CSV file, words for the page. */
import { NA } from "../format";
import { csvText } from "../trialCsv";
import type { Scalar, TrialRecord } from "../trialRecord";
import type { Axis } from "./axis";

export interface FigureColumn {
  key: string;
  label: string;
}

export interface FigureRow {
  key: string | number;
  raw: readonly (Scalar | null)[];
  texts: readonly string[];
}

export interface FigureTable {
  columns: readonly FigureColumn[];
  rows: readonly FigureRow[];
}

/** Longer tables are cut on the page; the file has all rows. */
export const MOST_ROWS = 500;

export function figureCsv({ columns, rows }: FigureTable): string {
  return csvText(
    columns.map(({ key }) => key),
    rows.map(({ raw }) => raw),
  );
}

/** One row for each trial: its number and its values on these axes. */
export function trialTable(trials: readonly TrialRecord[], axes: readonly Axis[]): FigureTable {
  return {
    columns: [
      { key: "trial_number", label: "Trial" },
      { key: "status", label: "Status" },
      ...axes.map(({ key, label }) => ({ key, label })),
    ],
    rows: trials.map((trial) => {
      const values = axes.map((axis) => axis.of(trial));
      const texts = axes.map((axis, place) => {
        const value = values[place] ?? null;
        return value === null ? NA : axis.write(value);
      });
      return {
        key: trial.number,
        raw: [trial.number, trial.status, ...values],
        texts: [`Trial ${trial.number}`, trial.status, ...texts],
      };
    }),
  };
}
