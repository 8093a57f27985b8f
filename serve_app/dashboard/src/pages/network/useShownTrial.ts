import { useEffect, useRef } from "react";
import { useJob } from "../../api/useJob";
import { useTrial } from "../../api/useTrial";
import { useLiveStudyPart } from "../../live/store";
import type { LiveTrial } from "../../live/types";
import { useTrialParam } from "./address";
import { defaultTrial, trialChoices } from "./choices";

const NO_TRIALS: ReadonlyMap<number, LiveTrial> = new Map();

/** The trial that the page draws: the one of the address, or the best one, which may change while the study runs. */
export function useShownTrial(id: string) {
  const [named, setNamed] = useTrialParam();
  const job = useJob(id);
  const liveBest = useLiveStudyPart(id, (study) => study.best_trial_number);
  const live = useLiveStudyPart(id, (study) => study.trials) ?? NO_TRIALS;
  const best = liveBest ?? job.data?.best_trial_number ?? null;
  const trials = [...live.values()];
  const number = named ?? defaultTrial(best, trials);
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
    choices: trialChoices(trials, best, number),
    choose: (next: number | null) => setNamed(next, { push: true }),
    job,
    query,
    trial: query.data ?? last.current,
  };
}
