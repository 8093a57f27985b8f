import { useEffect, useRef } from "react";
import { useImportance } from "../../api/useImportance";
import { hasEnded } from "../../model/verdict";
import type { StudyHead } from "./useStudyHead";

/** Fewer trials say nothing about importance: the server needs this many. */
export const NEEDED_TRIALS = 10;

/**
 * The importance of a study's hyperparameters. It is asked once there are enough trials, and once more when the study
 * ends while the page is open: computing it costs the server seconds, so no single trial asks it again.
 */
export function useStudyImportance(head: StudyHead) {
  const enough = head.progress.completed_trials + head.progress.pruned_trials >= NEEDED_TRIALS;
  const query = useImportance(head.id, enough);
  const ended = hasEnded(head.status);
  const before = useRef(ended);
  const { refetch } = query;
  useEffect(() => {
    if (ended && !before.current && enough) void refetch();
    before.current = ended;
  }, [ended, enough, refetch]);
  return { query, enough };
}
