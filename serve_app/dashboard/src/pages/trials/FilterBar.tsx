import { Search, SlidersHorizontal } from "lucide-react";
import { useMemo, useState } from "react";
import { type Chip, type ChipGroup, chips, filterTrials, isFiltered } from "../../model/trialFilter";
import { CHIP_GROUPS, toggled, writeChips, writeFront, writeNoFilter, writeText } from "../../model/trialView";
import { Button, inputClass } from "../../parts";
import { writeParams } from "../../state/url";
import { ChipRow } from "./ChipRow";
import { RangeFields } from "./RangeFields";
import { SelectedChips } from "./SelectedChips";
import { StarredChip } from "./StarredChip";
import { useDraft } from "./useDraft";
import type { TrialList } from "./useTrialList";

const LABELS: Record<ChipGroup, string> = { status: "Status", architecture: "Architecture", cause: "Why it ended" };

export function clearFilters(): void {
  writeParams(writeNoFilter(), { push: true });
}

/** Which trials are shown. On a phone the chips and ranges are behind a button. */
export function FilterBar({ list }: { list: TrialList }) {
  const [open, setOpen] = useState(false);
  const { filter } = list.view;
  const { rows, front } = useMemo(() => {
    const all = list.all ?? [];
    const onFront = all.filter((trial) => list.front.has(trial.number));
    const considered = filter.front ? onFront : all;
    return {
      rows: CHIP_GROUPS.map((group) => ({ group, chips: chips(considered, filter, group) })),
      front: frontChip(filterTrials(onFront, filter).length, filter.front),
    };
  }, [list.all, list.front, filter]);
  const filtered = isFiltered(filter);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex min-w-0 gap-2">
        <TextSearch text={filter.text} />
        <Button
          aria-expanded={open}
          aria-controls="trial-filters"
          className="md:!hidden"
          onClick={() => setOpen((before) => !before)}
        >
          <SlidersHorizontal aria-hidden="true" className="size-4" />
          Filters
        </Button>
        {filtered && <Button onClick={clearFilters}>Clear filters</Button>}
      </div>
      {filter.selection.length > 0 && <SelectedChips selection={filter.selection} />}
      <div
        id="trial-filters"
        className={`${open ? "flex" : "hidden"} min-w-0 flex-wrap content-start gap-x-5 gap-y-2 md:flex md:min-h-16`}
      >
        {rows
          .filter((row) => row.chips.length > 1 || row.chips.some((chip) => chip.chosen))
          .map((row) => (
            <ChipRow
              key={row.group}
              label={LABELS[row.group]}
              chips={row.chips}
              onToggle={(name) => writeParams(writeChips(row.group, toggled(filter[row.group], name)), { push: true })}
            />
          ))}
        {(list.front.size > 0 || filter.front) && (
          <ChipRow
            label="Pareto front"
            chips={[front]}
            onToggle={() => writeParams(writeFront(!filter.front), { push: true })}
          />
        )}
        <StarredChip list={list} />
        <RangeFields ranges={filter} />
      </div>
    </div>
  );
}

function frontChip(count: number, chosen: boolean): Chip {
  return { name: "front", label: "Front", count, chosen };
}

function TextSearch({ text }: { text: string }) {
  const draft = useDraft(text, (typed) => writeParams(writeText(typed)));
  return (
    <div className="relative min-w-0 flex-1 md:max-w-96">
      <Search aria-hidden="true" className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-muted" />
      <input
        {...draft}
        type="search"
        autoComplete="off"
        aria-label="Search trials by number, ID or hyperparameter"
        placeholder="Number, ID or hyperparameter"
        className={`${inputClass} pl-8`}
      />
    </div>
  );
}
