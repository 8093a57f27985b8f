/** Rows of texts as a CSV file (RFC 4180). */
export function csvText(rows: readonly (readonly string[])[]): Blob {
  const lines = rows.map((row) => row.map(field).join(","));
  return new Blob([`${lines.join("\r\n")}\r\n`], { type: "text/csv;charset=utf-8" });
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
