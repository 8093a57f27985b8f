import { useMemo, useState } from "react";
import { useSearch } from "wouter";
import { type LiveStudy, type LiveTrial, useLiveStudyPart } from "../../live/store";
import { hyperparameterNames, type TrialColumn, trialColumns } from "../../model/trialColumns";
import { filterTrials } from "../../model/trialFilter";
import type { HealthWeights } from "../../model/trialHealth";
import { sortTrials } from "../../model/trialSort";
import { readTrialView, type TrialView } from "../../model/trialView";
import { useFront } from "./useFront";
import { useHealthWeights } from "./useHealthWeights";
import { useThrottled } from "./useThrottled";

export interface TrialList {
  view: TrialView;
  /** All trials of the study; undefined: the live feed has not told of the study yet. */
  all: readonly LiveTrial[] | undefined;
  /** Whether `all` is complete. */
  complete: boolean;
  /** The trials of the view in its order. */
  shown: readonly LiveTrial[];
  columns: readonly TrialColumn[];
  /** Whether the study measures health. */
  health: boolean;
  weights: HealthWeights | null;
  /** Number of the best trial; null: there is none. */
  best: number | null;
  /** Numbers of the trials on the Pareto front; empty in a study with one objective. */
  front: ReadonlySet<number>;
}

/** With more trials than this, the list is made anew at most four times a second. */
const MANY = 1000;
const NO_TRIALS: readonly LiveTrial[] = [];

/** The list of trials that the address describes. Batches of running trials do not make it anew; events do. */
export function useTrialList(id: string): TrialList {
  const view = useTrialView();
  const [pick] = useState(trialsAfterEvents);
  const latest = useLiveStudyPart(id, pick);
  const trials = useThrottled(latest, (latest?.length ?? 0) > MANY ? 250 : 0);
  const complete = useLiveStudyPart(id, (study) => study.loadedTrials) ?? false;
  const health = useLiveStudyPart(id, (study) => study.mode !== "simple") ?? false;
  const columns = useMemo(() => trialColumns(health, hyperparameterNames(trials ?? [])), [health, trials]);
  const weights = useHealthWeights(id);
  const best = useLiveStudyPart(id, (study) => study.best_trial_number) ?? null;
  const front = useFront(id, trials ?? NO_TRIALS);
  // Filtered after it is sorted: another filter sorts nothing anew.
  const { key, descending } = view.sort;
  const sorted = useMemo(
    () => sortTrials(trials ?? NO_TRIALS, columns, { key, descending }),
    [trials, columns, key, descending],
  );
  const shown = useMemo(() => {
    const matching = filterTrials(sorted, view.filter);
    return view.filter.front ? matching.filter((trial) => front.has(trial.number)) : matching;
  }, [sorted, view.filter, front]);
  return { view, all: trials, complete, shown, columns, health, weights, best, front };
}

/** The view of the address. The open trial, its tab and the trials to compare are not a part of it. */
export function useTrialView(): TrialView {
  const params = new URLSearchParams(useSearch());
  params.delete("trial");
  params.delete("tab");
  params.delete("compare");
  const search = params.toString();
  return useMemo(() => readTrialView(search), [search]);
}

/** Picks the trials after the latest durable event: their identity stays while only batches arrive. */
function trialsAfterEvents(): (study: LiveStudy) => readonly LiveTrial[] {
  let mark = "";
  let trials: readonly LiveTrial[] = [];
  return (study) => {
    const now = `${study.id} ${study.sequence} ${study.loadedTrials} ${study.trials.size}`;
    if (now !== mark) [mark, trials] = [now, [...study.trials.values()]];
    return trials;
  };
}
