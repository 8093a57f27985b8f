/** Rows of texts as a CSV file (RFC 4180). */
import { csvField } from "../trialCsv";

export function csvText(rows: readonly (readonly string[])[]): Blob {
  const lines = rows.map((row) => row.map(csvField).join(","));
  return new Blob([`${lines.join("\r\n")}\r\n`], { type: "text/csv;charset=utf-8" });
}
