import { useMemo } from "react";
import { filterTrials } from "../../model/trialFilter";
import { writeStarred } from "../../model/trialView";
import { writeParams } from "../../state/url";
import { ChipRow } from "./ChipRow";
import type { TrialList } from "./useTrialList";

/** Shows only the trials with a star; it is there once one has a star. */
export function StarredChip({ list }: { list: TrialList }) {
  const { filter } = list.view;
  const starred = useMemo(() => (list.all ?? []).filter((trial) => trial.starred), [list.all]);
  const count = useMemo(() => filterTrials(starred, filter).length, [starred, filter]);
  if (starred.length === 0 && !filter.starred) return null;
  const chip = { name: "starred", label: "Starred", count, chosen: filter.starred };
  const toggle = () => writeParams(writeStarred(!filter.starred), { push: true });
  return <ChipRow label="Star" chips={[chip]} onToggle={toggle} />;
}
