/** Trials as a CSV file (RFC 4180): raw values in full precision; a value that does not exist is an empty field. */
import type { TrialColumn } from "./trialColumns";
import type { Scalar, TrialRecord } from "./trialRecord";

/** One line for each trial, in the given order, after a line with the columns' keys. */
export function trialsCsv(trials: readonly TrialRecord[], columns: readonly TrialColumn[]): string {
  const head = columns.map((column) => field(column.key)).join(",");
  const lines = trials.map((trial) => columns.map((column) => field(column.of(trial))).join(","));
  return `${[head, ...lines].join("\r\n")}\r\n`;
}

function field(raw: Scalar | null): string {
  const text = raw === null ? "" : String(raw);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
