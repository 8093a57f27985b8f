/**
 * Trials as a CSV file (RFC 4180): raw values in full precision; a value that does not exist is an empty field. A text
 * that a spreadsheet would take for a formula begins with an apostrophe.
 */
import type { TrialColumn } from "./trialColumns";
import type { Scalar, TrialRecord } from "./trialRecord";

/** One line for each trial, in the given order, after a line with the columns' keys. */
export function trialsCsv(trials: readonly TrialRecord[], columns: readonly TrialColumn[]): string {
  return csvText(
    columns.map((column) => column.key),
    trials.map((trial) => columns.map((column) => column.of(trial))),
  );
}

/** A line with these names, then one line for each row. */
export function csvText(names: readonly string[], rows: Iterable<readonly (Scalar | null)[]>): string {
  const lines = [names, ...rows].map((row) => row.map(csvField).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

export function csvField(raw: Scalar | null): string {
  const text = raw === null ? "" : typeof raw === "string" ? harmless(raw) : String(raw);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Texts that are plain numbers stay as they are. */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text;
}
