import { useMemo } from "react";
import { useShallow } from "zustand/react/shallow";
import { ApiError } from "../../api/client";
import { useJob } from "../../api/useJob";
import { useTrials } from "../../api/useTrials";
import { type LiveStudy, useLiveStudyPart } from "../../live/store";
import { ranking } from "../../model/compare/trialSentences";
import { type EpochValues, mergedEpochs } from "../../model/trialCurves";
import { recordOf, type TrialDetail } from "../../model/trialDetail";
import type { TrialRecord } from "../../model/trialRecord";
import { useParam } from "../../state/url";
import { useSettledStudy } from "../live/useSettledStudy";
import { TRIALS } from "./choice";

export interface Compared {
  number: number;
  trial: TrialRecord;
  /** The answer of the API, with epochs and layers; null: not there (yet). */
  detail: TrialDetail | null;
  epochs: readonly EpochValues[];
}

export type ComparedTrials = ReturnType<typeof useComparedTrials>;

/** The trials of the address; without any the best two of the study. */
export function useComparedTrials(id: string) {
  const [named] = useParam("t", TRIALS);
  const study = useSettledStudy(id, 500);
  const job = useJob(id);
  const objective = (study?.objectives ?? job.data?.objectives)?.[0] ?? "val_accuracy";
  const best = useMemo(() => (named.length > 0 || !study ? [] : bestTwo(study, objective)), [named, study, objective]);
  const numbers = named.length > 0 ? named : best;
  const live = useLiveStudyPart(
    id,
    useShallow((one: LiveStudy) => numbers.map((number) => one.trials.get(number))),
  );
  const told = useLiveStudyPart(
    id,
    useShallow((one: LiveStudy) => numbers.map((number) => one.curves.get(number))),
  );
  const { answers, errors, isPending, refetch } = useTrials(id, numbers);
  const compared = useMemo(
    () =>
      numbers.flatMap((number, place): Compared[] => {
        const detail = answers[place] ?? null;
        const trial = live?.[place] ?? (detail && recordOf(detail));
        return trial
          ? [{ number, trial, detail, epochs: mergedEpochs(detail?.curves ?? [], told?.[place] ?? []) }]
          : [];
      }),
    [numbers, live, told, answers],
  );
  const missing = numbers.filter((_, place) => isMissing(errors[place]));
  const error = errors.find((one) => one !== null && !isMissing(one)) ?? null;
  return {
    numbers,
    /** The address names them; otherwise they are the best two. */
    named: named.length > 0,
    compared,
    /** Numbers that the study does not have. */
    missing,
    error,
    isPending,
    refetch,
    objective,
    job,
    study,
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

function bestTwo(study: LiveStudy, objective: string): number[] {
  const best = ranking([...study.trials.values()], objective).slice(0, 2);
  return best.map(({ trial }) => trial.number);
}
