import { useEffect, useState } from "react";
import { type LiveStudy, liveStore } from "../../live/store";

/** What is drawn from all trials is drawn anew at most this often. */
const INTERVAL_MS = 200;

/**
 * The study after its latest durable event, at most five times a second. Samples of batches do not change it: what is
 * derived from all trials must not be derived anew for each of them.
 */
export function useSettledStudy(id: string, intervalMs = INTERVAL_MS): LiveStudy | undefined {
  const [study, setStudy] = useState(() => current(id));
  useEffect(() => {
    let shown = current(id);
    let last = Number.NEGATIVE_INFINITY;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      timer = undefined;
      last = performance.now();
      shown = current(id);
      setStudy(shown);
    };
    const changed = () => {
      if (timer !== undefined || mark(shown) === mark(current(id))) return;
      timer = setTimeout(show, Math.max(0, last + intervalMs - performance.now()));
    };
    setStudy(shown);
    const unsubscribe = liveStore.subscribe(changed);
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [id, intervalMs]);
  return study?.id === id ? study : undefined;
}

function current(id: string): LiveStudy | undefined {
  const { study } = liveStore.getState();
  return study?.id === id ? study : undefined;
}

function mark(study: LiveStudy | undefined): string {
  return study ? `${study.id} ${study.sequence} ${study.loadedTrials} ${study.trials.size} ${study.status}` : "";
}
