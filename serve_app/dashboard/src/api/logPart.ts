import { api, ok } from "./client";

export interface LogPart {
  lines: readonly string[];
  next_offset: number;
}

/** Last lines of a study's log, at most. */
export const LAST_LINES = 10_000;

/** The last lines of a study's log, or those that were written since `offset`. */
export function readLogPart(id: string, offset: number | null, signal?: AbortSignal): Promise<LogPart> {
  const query = offset === null ? { lines: LAST_LINES } : { offset };
  return ok(api.GET("/jobs/{id}/logs", { params: { path: { id }, query }, signal }));
}

/** The whole log, part by part. */
export async function readWholeLog(id: string, signal?: AbortSignal): Promise<string> {
  const lines: string[] = [];
  let offset = 0;
  for (;;) {
    const part = await readLogPart(id, offset, signal);
    lines.push(...part.lines);
    if (part.next_offset <= offset) break;
    offset = part.next_offset;
  }
  return lines.length > 0 ? `${lines.join("\n")}\n` : "";
}
