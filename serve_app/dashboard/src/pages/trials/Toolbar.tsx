import { ArrowDownWideNarrow, ArrowUpNarrowWide, LayoutGrid, Rows3 } from "lucide-react";
import { count } from "../../model/format";
import { clicked, type TrialSort } from "../../model/trialSort";
import { writeAs, writeOrder } from "../../model/trialView";
import { Button, Segmented, Select } from "../../parts";
import { writeParams } from "../../state/url";
import { ColumnPicker } from "./ColumnPicker";
import { CsvButton } from "./CsvButton";
import { TrialCompareBar } from "./TrialCompareBar";
import type { TrialList } from "./useTrialList";

const VIEWS = [
  { value: "gallery" as const, label: <LayoutGrid aria-hidden="true" className="size-4" />, name: "Gallery" },
  { value: "table" as const, label: <Rows3 aria-hidden="true" className="size-4" />, name: "Table" },
];

/** How many trials are shown, in which order, and as what. */
export function Toolbar({ id, list }: { id: string; list: TrialList }) {
  const total = list.all?.length ?? 0;
  const some = list.shown.length === total ? "" : `${count(list.shown.length)} of `;
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2">
      <p aria-live="polite" className="mr-auto text-muted">
        {some}
        {count(total)} {total === 1 ? "trial" : "trials"}
        {list.complete ? "" : ", loading the others"}
      </p>
      <SortSelect list={list} />
      {list.view.as === "table" && <ColumnPicker columns={list.columns} keys={list.view.columns} />}
      <CsvButton id={id} list={list} />
      <Segmented
        label="Show as"
        value={list.view.as}
        options={VIEWS}
        onChange={(as) => writeParams(writeAs(as), { push: true })}
      />
      <TrialCompareBar id={id} />
    </div>
  );
}

function SortSelect({ list }: { list: TrialList }) {
  const { sort } = list.view;
  const known = list.columns.find((column) => column.key === sort.key)?.key ?? "trial_number";
  const write = (next: TrialSort) => writeParams(writeOrder(next), { push: true });
  return (
    <div className="flex min-w-0 items-center gap-1">
      <Select
        aria-label="Sort by"
        value={known}
        options={list.columns.map((column) => ({ value: column.key, label: column.label }))}
        onChange={(key) => {
          const column = list.columns.find((other) => other.key === key);
          if (column !== undefined) write(clicked({ key: "", descending: false }, column));
        }}
        className="max-w-44"
      />
      <Button
        size="icon"
        aria-label={sort.descending ? "Descending: show ascending" : "Ascending: show descending"}
        onClick={() => write({ key: known, descending: !sort.descending })}
      >
        {sort.descending ? (
          <ArrowDownWideNarrow aria-hidden="true" className="size-4" />
        ) : (
          <ArrowUpNarrowWide aria-hidden="true" className="size-4" />
        )}
      </Button>
    </div>
  );
}
