import { useShallow } from "zustand/react/shallow";
import type { components } from "../../api/generated/openapi";
import { useLiveStudyPart } from "../../live/store";

type JobDetail = components["schemas"]["JobDetail"];

export type Head = Pick<JobDetail, "status" | "reason" | "cancel_requested_at"> & {
  totalTrials: number;
  performedTrials: number;
};

/** What the head shows: from the live study, or from the first answer until that is known. */
export function useHead(id: string, job: JobDetail | undefined): Head | undefined {
  const live = useLiveStudyPart<Head>(
    id,
    useShallow((study) => headOf(study)),
  );
  return live ?? (job === undefined ? undefined : headOf(job));
}

function headOf(study: Pick<JobDetail, "status" | "reason" | "cancel_requested_at"> & { progress: Counts }): Head {
  const { status, reason, cancel_requested_at, progress } = study;
  const { total_trials, trials_performed } = progress;
  return { status, reason, cancel_requested_at, totalTrials: total_trials, performedTrials: trials_performed };
}

interface Counts {
  total_trials: number;
  trials_performed: number;
}
