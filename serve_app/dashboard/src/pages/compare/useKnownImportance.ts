import { useImportance } from "../../api/useImportance";
import { NEEDED_TRIALS } from "../../model/decided";
import { hasEnded } from "../../model/verdict";
import { useStudyHead } from "../live/useStudyHead";

/** The importance of the hyperparameters; null: not known. Of a running study it is not asked: it takes seconds. */
export function useKnownImportance(id: string): Readonly<Record<string, number>> | null {
  const head = useStudyHead(id);
  const ready =
    head !== undefined &&
    hasEnded(head.status) &&
    head.progress.completed_trials + head.progress.pruned_trials >= NEEDED_TRIALS;
  return useImportance(id, ready).data?.importance ?? null;
}
