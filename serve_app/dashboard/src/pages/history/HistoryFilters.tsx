import { Search } from "lucide-react";
import { datasetsOf, type HistoryFilter, type HistoryStudy, tagsOf } from "../../model/history/history";
import { Button, inputClass, Select } from "../../parts";
import { writeParams } from "../../state/url";
import { ChipRow } from "../trials/ChipRow";
import { useDraft } from "../trials/useDraft";

export function clearHistoryFilters(): void {
  writeParams({ q: null, dataset: null, tag: null }, { push: true });
}

/** Which studies are shown: words, data set, tag. */
export function HistoryFilters({ all, filter }: { all: readonly HistoryStudy[]; filter: HistoryFilter }) {
  const draft = useDraft(filter.text, (typed) => writeParams({ q: typed.trim() === "" ? null : typed }));
  const datasets = datasetsOf(all);
  const tags = tagsOf(all);
  if (filter.tag !== "" && !tags.some(({ name }) => name === filter.tag)) tags.push({ name: filter.tag, count: 0 });
  const filtered = filter.text.trim() !== "" || filter.dataset !== "" || filter.tag !== "";
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex min-w-0 flex-wrap gap-2">
        <div className="relative min-w-0 flex-1 basis-48 md:max-w-96">
          <Search aria-hidden="true" className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-muted" />
          <input
            {...draft}
            type="search"
            autoComplete="off"
            aria-label="Search studies by name, data set, tag or note"
            placeholder="Name, data set, tag or note"
            className={`${inputClass} pl-8`}
          />
        </div>
        <Select
          aria-label="Data set"
          value={filter.dataset}
          options={[
            { value: "", label: "All data sets" },
            ...datasets.map(({ name, count }) => ({ value: name, label: `${name} (${count})` })),
          ]}
          onChange={(name) => writeParams({ dataset: name === "" ? null : name }, { push: true })}
          className="max-w-56"
        />
        {filtered && <Button onClick={clearHistoryFilters}>Clear filters</Button>}
      </div>
      {tags.length > 0 && (
        <ChipRow
          label="Tag"
          chips={tags.map(({ name, count }) => ({ name, label: name, count, chosen: name === filter.tag }))}
          onToggle={(name) => writeParams({ tag: name === filter.tag ? null : name }, { push: true })}
        />
      )}
    </div>
  );
}
