import { useCallback, useEffect, useRef, useState } from "react";
import { LAST_LINES, readLogPart } from "../../api/logPart";
import { type LiveStudy, liveStore } from "../../live/store";
import { appended, EMPTY, type LogBuffer } from "../../model/logBuffer";
import { hasEnded } from "../../model/verdict";

/** The next part is read at most this often, and once more after the end: the last lines follow the last event. */
const INTERVAL_MS = 1_000;
const AFTER_END_MS = 2_000;

export interface FollowedLog {
  buffer: LogBuffer;
  /** Whether the first part was read. */
  ready: boolean;
  /** Why the latest part could not be read; null: it was. */
  error: unknown;
  retry: () => void;
}

/**
 * The log of a study, followed without polling: a message of the live feed about the study makes the next part be read.
 * If nothing happens in the study, nothing is asked.
 */
export function useLogFollow(id: string): FollowedLog {
  const [buffer, setBuffer] = useState<LogBuffer>(EMPTY);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const kept = useRef({ id, buffer: EMPTY });

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` begins anew
  useEffect(() => {
    if (kept.current.id !== id) {
      kept.current = { id, buffer: EMPTY };
      setBuffer(EMPTY);
    }
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let reading = false;
    let asked = true;
    let last = 0;
    let seen = current(id);

    const read = async () => {
      timer = undefined;
      reading = true;
      asked = false;
      last = performance.now();
      try {
        const part = await readLogPart(id, kept.current.buffer.offset, stop.signal);
        const before = kept.current.buffer;
        const after = appended(before, part, LAST_LINES);
        // A part may be the first MiB of what is left.
        if (after.offset !== before.offset && before.offset !== null) asked = true;
        kept.current = { id, buffer: after };
        setBuffer(after);
        setError(null);
      } catch (fault) {
        if (!stop.signal.aborted) setError(fault);
      } finally {
        reading = false;
        if (asked) schedule(INTERVAL_MS);
      }
    };
    const schedule = (wait: number) => {
      if (stop.signal.aborted) return;
      asked = true;
      if (reading || timer !== undefined) return;
      timer = setTimeout(read, Math.max(0, last + wait - performance.now()));
    };
    const told = () => {
      const now = current(id);
      if (!now || mark(now) === mark(seen)) return;
      const ended = hasEnded(now.status) && !hasEnded(seen?.status ?? "");
      seen = now;
      schedule(INTERVAL_MS);
      if (ended) setTimeout(() => schedule(INTERVAL_MS), AFTER_END_MS);
    };
    void read();
    const unsubscribe = liveStore.subscribe(told);
    return () => {
      unsubscribe();
      stop.abort();
      clearTimeout(timer);
    };
  }, [id, attempt]);

  const retry = useCallback(() => setAttempt((before) => before + 1), []);
  return { buffer, ready: buffer.offset !== null, error, retry };
}

function current(id: string): LiveStudy | undefined {
  const { study } = liveStore.getState();
  return study?.id === id ? study : undefined;
}

/** Changes with each durable event and each progress message, not with batches. */
function mark(study: LiveStudy | undefined): string {
  return study ? `${study.sequence} ${study.status} ${study.progress.elapsed_time}` : "";
}
