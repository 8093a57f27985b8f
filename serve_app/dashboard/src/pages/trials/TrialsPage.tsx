import { lazy, Suspense } from "react";
import { useLoadError } from "../../live/store";
import { chosenColumns } from "../../model/trialColumns";
import { isFiltered } from "../../model/trialFilter";
import { Boundary, Button, Empty, Loading } from "../../parts";
import { codecs, useParam } from "../../state/url";
import { clearFilters, FilterBar } from "./FilterBar";
import { Gallery } from "./Gallery";
import { Toolbar } from "./Toolbar";
import { TrialTable } from "./TrialTable";
import { closeTrial } from "./trialHref";
import { type TrialList, useTrialList } from "./useTrialList";

const TrialPanel = lazy(() => import("./TrialPanel"));
const TRIAL = codecs.number(null);
/** A list shorter than this is shown once it is whole: the chips above it have their final height then. */
const SHORT = 100;

/** All trials of a study as cards or as a table, filtered and sorted as the address says. */
export default function TrialsPage({ id }: { id: string }) {
  const list = useTrialList(id);
  const [open] = useParam("trial", TRIAL);
  return (
    <div data-page="trials" className="flex min-w-0 flex-col gap-3">
      <h2 className="sr-only">Trials</h2>
      <FilterBar list={list} />
      <Toolbar id={id} list={list} />
      <Boundary title="The list of trials">
        <Trials id={id} list={list} open={open} />
      </Boundary>
      {open !== null && (
        <Boundary title={`Trial ${open}`}>
          <Suspense fallback={null}>
            <TrialPanel id={id} number={open} onClose={closeTrial} />
          </Suspense>
        </Boundary>
      )}
    </div>
  );
}

function Trials({ id, list, open }: { id: string; list: TrialList; open: number | null }) {
  const fault = useLoadError(id);
  const short = fault === null && (list.all?.length ?? 0) < SHORT;
  if (list.all === undefined || (!list.complete && (short || list.shown.length === 0))) return <Loading lines={6} />;
  if (list.all.length === 0) {
    return <Empty title="No trials yet" text="The first trial appears here as soon as a worker starts it." />;
  }
  if (list.shown.length === 0) {
    return (
      <Empty title="No trial matches" text="No trial of this study meets all conditions.">
        {isFiltered(list.view.filter) && <Button onClick={clearFilters}>Clear filters</Button>}
      </Empty>
    );
  }
  if (list.view.as === "table") {
    const columns = chosenColumns(list.columns, list.view.columns);
    return <TrialTable id={id} list={list} columns={columns} open={open} />;
  }
  return <Gallery id={id} list={list} open={open} />;
}
