import { Download } from "lucide-react";
import { useMemo, useState } from "react";
import { trialColor } from "../../charts";
import { writeNames } from "../../model/compare/chosen";
import { csvText } from "../../model/compare/csv";
import { count } from "../../model/format";
import { byDataset, historyRecord, RECORD_COLUMNS } from "../../model/history/history";
import { plural } from "../../model/sentence";
import { Boundary, Button, Empty, ErrorNote, Loading } from "../../parts";
import { saveFile } from "../../parts/saveFile";
import { useParam, writeParams } from "../../state/url";
import { CompareBar } from "../compare/CompareBar";
import { STUDIES, toggleStudy } from "../compare/choice";
import { DatasetPanel } from "./DatasetPanel";
import { clearHistoryFilters, HistoryFilters } from "./HistoryFilters";
import { useHistory } from "./useHistory";

/** More panels than this are shown on demand: each has a chart. */
const FIRST_PANELS = 8;

/** All studies by data set over time, with their best and test accuracy. */
export default function HistoryPage() {
  const { jobs, older, filter, all, shown, more } = useHistory();
  const [chosen] = useParam("s", STUDIES);
  return (
    <div
      data-page="history"
      className={`mx-auto flex max-w-7xl min-w-0 flex-col gap-3 p-4 md:p-6 ${chosen.length > 0 ? "pb-24" : ""}`}
    >
      <div className="flex flex-wrap items-center gap-2">
        <h1 className="mr-auto">History</h1>
        <Button
          disabled={shown.length === 0}
          onClick={() => saveFile("studies.csv", csvText([RECORD_COLUMNS, ...shown.map(historyRecord)]))}
        >
          <Download aria-hidden="true" className="size-4" />
          CSV
        </Button>
      </div>
      {jobs.isError && <ErrorNote error={jobs.error} retry={() => void jobs.refetch()} />}
      {jobs.data === undefined ? (
        !jobs.isError && <Loading lines={6} />
      ) : all.length === 0 ? (
        <Empty title="No study yet" text="Each study that you start appears here." href="/new" action="New search" />
      ) : (
        <>
          <HistoryFilters all={all} filter={filter} />
          <p aria-live="polite" className="text-muted">
            {shown.length === all.length ? "" : `${count(shown.length)} of `}
            {plural(all.length, "study", "studies")}
            {more ? ", the newest" : ""}
          </p>
          <Panels shown={shown} chosen={chosen} />
        </>
      )}
      {more && (
        <div className="flex flex-wrap items-center gap-2">
          <Button
            busy={older.isFetching}
            onClick={() => void (older.data === undefined ? older.refetch() : older.fetchNextPage())}
          >
            Load older studies
          </Button>
          {older.isError && <ErrorNote error={older.error} />}
        </div>
      )}
      <CompareBar
        one="study"
        many="studies"
        items={chosen.map((name, place) => ({ key: name, label: name, color: trialColor(place + 1) }))}
        href={`/compare?${new URLSearchParams({ s: writeNames(chosen) ?? "" })}`}
        onRemove={(name) => toggleStudy(String(name))}
        onClear={() => writeParams({ s: null })}
      />
    </div>
  );
}

function Panels({ shown, chosen }: { shown: ReturnType<typeof useHistory>["shown"]; chosen: readonly string[] }) {
  const [all, setAll] = useState(false);
  const groups = useMemo(() => byDataset(shown), [shown]);
  if (groups.length === 0) {
    return (
      <Empty title="No study matches" text="No study meets all conditions.">
        <Button onClick={clearHistoryFilters}>Clear filters</Button>
      </Empty>
    );
  }
  const left = all ? 0 : Math.max(0, groups.length - FIRST_PANELS);
  return (
    <>
      {groups.slice(0, groups.length - left).map((history) => (
        <Boundary key={history.dataset} title={history.dataset}>
          <DatasetPanel history={history} chosen={chosen} />
        </Boundary>
      ))}
      {left > 0 && <Button onClick={() => setAll(true)}>Show {plural(left, "more data set")}</Button>}
    </>
  );
}
