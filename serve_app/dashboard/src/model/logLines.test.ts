import { expect, test } from "vitest";
import { logLines, matches, parts, shownLines } from "./logLines";

const LOG = [
  "2026-11-29T22:31:29Z INFO study running",
  "2026-11-29T22:31:30Z WARNING the baseline could not be fitted: no memory",
  "2026-11-29T22:31:31Z ERROR the study failed",
  "Traceback (most recent call last):",
  '  File "run.py", line 1',
  "ValueError: no",
  "2026-11-29T22:31:32Z INFO trial 3 failed: out of memory",
  "2026-11-29T22:31:33Z INFO trial 4 started",
];

test("errors are the entries of that level with their traceback, and trials that failed", () => {
  const lines = logLines(LOG);
  expect(lines.map((line) => line.level)).toEqual([
    "info",
    "warning",
    "error",
    "error",
    "error",
    "error",
    "error",
    "info",
  ]);
  expect(shownLines(lines, true)).toHaveLength(5);
  expect(shownLines(lines, false)).toBe(lines);
});

test("later parts continue the entry before them", () => {
  const first = logLines(LOG.slice(0, 4));
  const next = logLines(LOG.slice(4), first[first.length - 1]);
  expect(next[0]).toMatchObject({ place: 4, level: "error" });
});

test("a text is found in any letter case", () => {
  const lines = logLines(LOG);
  expect(matches(lines, "TRIAL")).toEqual([6, 7]);
  expect(matches(lines, " ")).toEqual([]);
  expect(parts("trial 3, Trial 4", "trial")).toEqual([
    { text: "trial", found: true },
    { text: " 3, ", found: false },
    { text: "Trial", found: true },
    { text: " 4", found: false },
  ]);
  expect(parts("abc", "")).toEqual([{ text: "abc", found: false }]);
});
