import { useImportance } from "../../api/useImportance";
import { NEEDED_TRIALS } from "../../model/decided";
import type { StudyHead } from "./useStudyHead";

/**
 * The importance of a study's hyperparameters. It is asked once there are enough trials, and again when the live
 * store marks it as outdated at the study's end: computing it costs the server seconds, so no single trial asks it again.
 */
export function useStudyImportance(head: StudyHead) {
  const enough = head.progress.completed_trials + head.progress.pruned_trials >= NEEDED_TRIALS;
  return { query: useImportance(head.id, enough), enough };
}
