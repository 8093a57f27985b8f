import { useMemo } from "react";
import { useJob } from "../../api/useJob";
import { useLiveStudyPart } from "../../live/store";
import { type FrontTrial, frontOf } from "../../model/front";

const NO_OBJECTIVES: readonly string[] = [];

/** Numbers of the trials on the Pareto front; empty in a study with one objective. */
export function useFront(id: string, trials: readonly FrontTrial[]): ReadonlySet<number> {
  const objectives = useLiveStudyPart(id, (study) => study.objectives) ?? NO_OBJECTIVES;
  const job = useJob(id).data;
  const constraints = job?.spec?.constraints;
  const told = job?.front;
  return useMemo(() => frontOf(trials, objectives, constraints, told), [trials, objectives, constraints, told]);
}
