/** The lines of a study's log: which are errors, and where a text stands in them. */

export interface LogLine {
  /** Number of the line among all that were read, from 0. */
  place: number;
  text: string;
  level: "info" | "warning" | "error";
}

const ENTRY = /^\d{4}-\d\d-\d\d[T ][\d:.,]+Z? (DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)$/;
const FAILED = /^(study failed\b|trial \d+ (failed|diverged)\b)/;

/** Lines with their level. A line without a time, as of a traceback, has the level of the entry it continues. */
export function logLines(texts: readonly string[], before: LogLine | null = null): LogLine[] {
  let level: LogLine["level"] = before?.level ?? "info";
  let place = before === null ? 0 : before.place + 1;
  return texts.map((text) => {
    const entry = ENTRY.exec(text);
    if (entry) level = levelOf(entry[1] ?? "", entry[2] ?? "");
    else if (/^\S*(Error|Exception)\b.*:/.test(text)) level = "error";
    return { place: place++, text, level };
  });
}

function levelOf(name: string, message: string): LogLine["level"] {
  if (name === "ERROR" || name === "CRITICAL" || FAILED.test(message)) return "error";
  return name === "WARNING" ? "warning" : "info";
}

/** The lines to show: all, or those of errors only. */
export function shownLines(lines: readonly LogLine[], onlyErrors: boolean): readonly LogLine[] {
  return onlyErrors ? lines.filter((line) => line.level === "error") : lines;
}

/** Indices of the shown lines that contain the text, in any letter case; empty for an empty text. */
export function matches(lines: readonly LogLine[], text: string): number[] {
  const sought = text.trim().toLowerCase();
  const found: number[] = [];
  if (sought === "") return found;
  lines.forEach((line, index) => {
    if (line.text.toLowerCase().includes(sought)) found.push(index);
  });
  return found;
}

/** A text cut where the sought one stands in it, so that it can be marked. */
export function parts(text: string, sought: string): { text: string; found: boolean }[] {
  const key = sought.trim().toLowerCase();
  if (key === "") return [{ text, found: false }];
  const lower = text.toLowerCase();
  const cut: { text: string; found: boolean }[] = [];
  let from = 0;
  for (let at = lower.indexOf(key); at >= 0; at = lower.indexOf(key, from)) {
    if (at > from) cut.push({ text: text.slice(from, at), found: false });
    cut.push({ text: text.slice(at, at + key.length), found: true });
    from = at + key.length;
  }
  if (from < text.length || cut.length === 0) cut.push({ text: text.slice(from), found: false });
  return cut;
}
