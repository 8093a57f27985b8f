import { useShallow } from "zustand/react/shallow";
import { type LiveStudy, useLiveStudyPart } from "../../live/store";

/** What the page says of the study as a whole. It changes with events and with progress messages, not with batches. */
export type StudyHead = ReturnType<typeof headOf>;

const headOf = (study: LiveStudy) => ({
  id: study.id,
  status: study.status,
  reason: study.reason,
  mode: study.mode,
  objectives: study.objectives,
  cancel_requested_at: study.cancel_requested_at,
  best_trial_number: study.best_trial_number,
  best_objective: study.best_objective,
  test_accuracy: study.test_accuracy,
  test_loss: study.test_loss,
  baseline: study.baseline,
  progress: study.progress,
  staleSince: study.staleSince,
});

export function useStudyHead(id: string): StudyHead | undefined {
  return useLiveStudyPart(id, useShallow(headOf));
}
