import { useImportance } from "../../api/useImportance";
import type { StudyHead } from "./useStudyHead";

/** Fewer trials say nothing about importance: the server needs this many. */
export const NEEDED_TRIALS = 10;

/**
 * The importance of a study's hyperparameters. It is asked once there are enough trials, and again when the live
 * store marks it as outdated at the study's end: computing it costs the server seconds, so no single trial asks it again.
 */
export function useStudyImportance(head: StudyHead) {
  const enough = head.progress.completed_trials + head.progress.pruned_trials >= NEEDED_TRIALS;
  return { query: useImportance(head.id, enough), enough };
}
