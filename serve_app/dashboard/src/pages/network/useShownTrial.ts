import { useEffect, useMemo, useRef } from "react";
import { useJob } from "../../api/useJob";
import { useTrial } from "../../api/useTrial";
import { type LiveStudy, liveStore, useLiveStudyPart } from "../../live/store";
import { useTrialParam } from "./address";
import { defaultTrial, trialChoices } from "./choices";

/** What the list of trials depends on: not on each epoch, since a study may have 10,000 trials. */
const listed = ({ trials, progress, loadedTrials }: LiveStudy): string =>
  [trials.size, progress.trials_performed, progress.running_trials, loadedTrials].join();

/** The trial that the page draws: the one of the address, or the best one, which may change while the study runs. */
export function useShownTrial(id: string) {
  const [named, setNamed] = useTrialParam();
  const job = useJob(id);
  const liveBest = useLiveStudyPart(id, (study) => study.best_trial_number);
  const changed = useLiveStudyPart(id, listed);
  const best = liveBest ?? job.data?.best_trial_number ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again when the list changed
  const trials = useMemo(() => {
    const { study } = liveStore.getState();
    return study?.id === id ? [...study.trials.values()] : [];
  }, [id, changed]);
  const number = named ?? defaultTrial(best, trials);
  const mode = job.data?.mode;
  const choices = useMemo(() => trialChoices(trials, best, number, mode), [trials, best, number, mode]);
  const query = useTrial(id, number);
  // Until the next trial is loaded, the one before stays: it becomes the next one in motion.
  const last = useRef(query.data);
  useEffect(() => {
    if (query.data) last.current = query.data;
  }, [query.data]);
  return {
    number,
    best,
    follows: named === null,
    choices,
    choose: (next: number | null) => setNamed(next, { push: true }),
    job,
    query,
    trial: query.data ?? last.current,
  };
}
