/** The lines of a log that is followed: parts are appended, and a very long log keeps its last lines. */
import { type LogLine, logLines } from "./logLines";

export interface LogBuffer {
  lines: readonly LogLine[];
  /** Where the next part begins; null: nothing was read yet. */
  offset: number | null;
  /** Whether lines before the first one exist and are not here. */
  cut: boolean;
}

export const EMPTY: LogBuffer = { lines: [], offset: null, cut: false };
export const MOST_LINES = 50_000;

/** The buffer with one more part. The first part holds the last lines of the log, at most `asked`. */
export function appended(
  buffer: LogBuffer,
  part: { lines: readonly string[]; next_offset: number },
  asked: number,
  most = MOST_LINES,
): LogBuffer {
  const first = buffer.offset === null;
  const cut = buffer.cut || (first && (part.lines.length >= asked || isPart(part)));
  if (part.lines.length === 0 && !first) return { ...buffer, offset: part.next_offset };
  const lines = [...buffer.lines, ...logLines(part.lines, buffer.lines[buffer.lines.length - 1] ?? null)];
  const left = lines.length > most ? lines.slice(lines.length - most) : lines;
  return { lines: left, offset: part.next_offset, cut: cut || left.length < lines.length };
}

/** Whether the lines are clearly fewer bytes than the log has: paths of the server are shortened in them. */
function isPart(part: { lines: readonly string[]; next_offset: number }): boolean {
  const length = part.lines.reduce((sum, line) => sum + line.length + 1, 0);
  return part.next_offset > 2 ** 20 && length < part.next_offset * 0.7;
}
