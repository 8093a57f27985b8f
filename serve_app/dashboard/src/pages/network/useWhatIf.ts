import { useMemo } from "react";
import { type Estimate, useEstimate } from "../../api/useEstimate";
import { useSpace } from "../../api/useSpace";
import { askedValues, type Control, type Values, whatIfControls, withFreeEpochs } from "../../model/whatIf";
import { useThrottled } from "../trials/useThrottled";
import { useChanges } from "./address";

/** Between two questions to the server while a slider moves. The newest value is always asked; older ones are aborted. */
const PACE_MS = 60;
const NONE: Values = {};

type Query = ReturnType<typeof useEstimate>;

export interface WhatIf {
  changes: Values;
  setChanges: (changes: Values) => void;
  controls: readonly Control[];
  /** The newest answer; an older one stays until it comes. */
  estimate: Estimate | undefined;
  /** The same for the trial's own hyperparameters, on the same machine. */
  own: Estimate | undefined;
  space: ReturnType<typeof useSpace>;
  query: Query;
  /** Whether the numbers are those of the newest values. */
  current: boolean;
}

/** The network of a trial with some of its hyperparameters changed, as the server estimates it. */
export function useWhatIf(id: string, spec: unknown, own: Values | undefined, open: boolean): WhatIf {
  const [changes, setChanges] = useChanges();
  const space = useSpace(id, open);
  const paced = useThrottled(changes, PACE_MS);
  const study = (spec ?? NONE) as Readonly<Record<string, unknown>>;
  const fewest = Number(study.min_epochs_per_trial ?? 1);
  const searched = space.data?.parameters;
  const parameters = useMemo(() => searched && withFreeEpochs(searched, fewest), [searched, fewest]);
  const asked = useMemo(() => askedValues(parameters ?? [], own ?? NONE, paced), [parameters, own, paced]);
  const base = useMemo(() => askedValues(parameters ?? [], own ?? NONE, NONE), [parameters, own]);
  const ready = open && spec != null && own !== undefined && parameters !== undefined;
  const query = useEstimate(study, asked, ready, true);
  const first = useEstimate(study, base, ready);
  const completed = query.data?.hyperparameters;
  const controls = useMemo(() => {
    const known = { ...completed, ...askedValues(parameters ?? [], own ?? NONE, changes) };
    return whatIfControls(parameters ?? [], known, changes);
  }, [parameters, completed, own, changes]);
  const current = query.isSuccess && !query.isPlaceholderData && paced === changes;
  return { changes, setChanges, controls, estimate: query.data, own: first.data, space, query, current };
}
