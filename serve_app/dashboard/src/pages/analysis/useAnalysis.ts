import { useMemo } from "react";
import { useImportance } from "../../api/useImportance";
import { useSpace } from "../../api/useSpace";
import { type LiveStudy, type LiveTrial, useLiveStudyPart } from "../../live/store";
import { type Axis, metricAxes, parameterAxes } from "../../model/analysis/axis";
import { lowerIsBetter, type Score, scoreOf } from "../../model/analysis/sample";
import { type Selection, selects } from "../../model/analysis/selection";
import { NEEDED_TRIALS } from "../../model/decided";
import type { SpaceParameter } from "../../model/trialParameters";
import type { TrialRecord } from "../../model/trialRecord";
import { codecs, useParam } from "../../state/url";
import { useSettledStudy } from "../live/useSettledStudy";
import { useSelection } from "./useSelection";

export interface Analysis {
  id: string;
  study: LiveStudy;
  trials: readonly LiveTrial[];
  /** Trials that run no more. */
  ended: readonly LiveTrial[];
  selection: Selection;
  isSelected: (trial: TrialRecord) => boolean;
  /** Ended trials of the selection. */
  chosen: readonly LiveTrial[];
  /** Hyperparameters that varied, the most important first. */
  parameters: readonly Axis[];
  metrics: readonly Axis[];
  /** Axis of the result that the figures show. */
  result: Axis;
  /** Higher is better. */
  score: Score;
  /** Whether a lower value of the result is better. */
  lower: boolean;
  /** First objective of the study. */
  objective: string;
  health: boolean;
  /** Whether there are enough trials to judge importance. */
  enough: boolean;
  importance: Readonly<Record<string, number>> | null;
}

const RESULT = codecs.text("objective");
/** How often the figures are made anew while trials end: of many trials that takes longer. */
const INTERVAL_MS = { few: 1_000, many: 5_000 };
const MANY = 2_000;
const NO_SPACE: readonly SpaceParameter[] = [];

/** What all panels share; undefined: the trials are not here yet. null: no trial has ended with a result. */
export function useAnalysis(id: string): Analysis | null | undefined {
  const many = useLiveStudyPart(id, ({ trials: all }) => all.size > MANY) ?? false;
  const study = useSettledStudy(id, many ? INTERVAL_MS.many : INTERVAL_MS.few);
  const space = useSpace(id).data?.parameters ?? NO_SPACE;
  const { selection } = useSelection();
  const [resultKey] = useParam("result", RESULT);
  const gave = (study?.progress.completed_trials ?? 0) + (study?.progress.pruned_trials ?? 0);
  const enough = gave >= NEEDED_TRIALS;
  const importance = useImportance(id, enough).data?.importance ?? null;
  const objective = study?.objectives[0] ?? "val_accuracy";
  const health = study !== undefined && study.mode !== "simple";
  const trials = useMemo(() => (study ? [...study.trials.values()] : []), [study]);
  const ended = useMemo(() => trials.filter((trial) => trial.status !== "running"), [trials]);
  const parameters = useMemo(() => parameterAxes(ended, space, importance), [ended, space, importance]);
  const metrics = useMemo(() => metricAxes(ended, objective, health), [ended, objective, health]);
  const isSelected = useMemo(() => selects(selection), [selection]);
  const chosen = useMemo(() => ended.filter(isSelected), [ended, isSelected]);
  return useMemo(() => {
    if (study === undefined || !study.loadedTrials) return undefined;
    const result = metrics.find(({ key }) => key === resultKey) ?? metrics[0];
    if (result === undefined) return null;
    return {
      id,
      study,
      trials,
      ended,
      selection,
      isSelected,
      chosen,
      parameters,
      metrics,
      result,
      score: scoreOf(result, objective),
      lower: lowerIsBetter(result, objective),
      objective,
      health,
      enough,
      importance,
    };
  }, [
    id,
    study,
    trials,
    ended,
    selection,
    isSelected,
    chosen,
    parameters,
    metrics,
    resultKey,
    objective,
    health,
    enough,
    importance,
  ]);
}
