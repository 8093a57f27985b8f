import { useMemo } from "react";
import { useTrial } from "../../../api/useTrial";
import { type EpochLite, type LiveTrial, useLiveStudyPart } from "../../../live/store";
import { type EpochValues, mergedEpochs } from "../../../model/trialCurves";
import { recordOf, type TrialDetail } from "../../../model/trialDetail";
import type { TrialRecord } from "../../../model/trialRecord";

const NO_EPOCHS: readonly EpochLite[] = [];

export interface PanelTrial {
  id: string;
  number: number;
  query: ReturnType<typeof useTrial>;
  live: LiveTrial | undefined;
  /** The trial as the live feed has it, or else as the answer has it; null: neither is there yet. */
  trial: TrialRecord | null;
  detail: TrialDetail | null;
  /** All its epochs, with those that were told since the answer. */
  epochs: readonly EpochValues[];
}

/** Everything that the panel knows of a trial: the answer of the API, and what the live feed has told since. */
export function usePanelTrial(id: string, number: number): PanelTrial {
  const query = useTrial(id, number);
  const live = useLiveStudyPart(id, (study) => study.trials.get(number));
  const told = useLiveStudyPart(id, (study) => study.curves.get(number)) ?? NO_EPOCHS;
  const detail = query.data ?? null;
  const trial = useMemo(() => live ?? (detail && recordOf(detail)), [live, detail]);
  const epochs = useMemo(() => mergedEpochs(detail?.curves ?? [], told), [detail, told]);
  return { id, number, query, live, trial, detail, epochs };
}
