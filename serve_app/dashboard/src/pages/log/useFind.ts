import { useCallback, useState } from "react";

export interface Find {
  /** Number of the match that is shown, from 1; 0: none. */
  at: number;
  step: (by: 1 | -1) => void;
  /** Index of the line to show; `turn` changes with each step, so that the same line can be asked for again. */
  target: { index: number; turn: number } | null;
}

/** Steps through the lines that were found; it begins at the last one, where a log is read first. */
export function useFind(found: readonly number[]): Find {
  const [place, setPlace] = useState<{ index: number; turn: number } | null>(null);
  const position = place === null ? -1 : found.indexOf(place.index);
  const step = useCallback(
    (by: 1 | -1) => {
      if (found.length === 0) return;
      const from = position < 0 ? (by > 0 ? -1 : 0) : position;
      const index = found[(from + by + found.length) % found.length] ?? 0;
      setPlace((before) => ({ index, turn: (before?.turn ?? 0) + 1 }));
    },
    [found, position],
  );
  return { at: position + 1, step, target: place !== null && position >= 0 ? place : null };
}
