import { ArrowLeft, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { ApiError } from "../../api/client";
import { type DatasetDetail, useDataset } from "../../api/useDatasets";
import { partsWords } from "../../model/data/classCounts";
import { datasetFacts } from "../../model/specDatasets";
import { Button, ButtonLink, Empty, Panel, panelState } from "../../parts";
import { ClassPanel } from "./ClassPanel";
import { DeleteDataset } from "./DeleteDataset";
import { searchHref } from "./links";
import { Notes } from "./Notes";
import { SampleBrowser } from "./SampleBrowser";

const SPLITS = ["train", "validation", "test"] as const;
const BACK = "focus-ring inline-flex w-fit items-center gap-1 rounded-button text-[13px] text-accent hover:underline";

/** One data set: its classes, what was found in it, and its samples. */
export function DatasetDetails({ name }: { name: string }) {
  const query = useDataset(name);
  if (query.error instanceof ApiError && query.error.status === 404) {
    return (
      <Empty page title="There is no such data set" text={query.error.detail} href="/data" action="All data sets" />
    );
  }
  return (
    <>
      <Link href="/data" className={BACK}>
        <ArrowLeft aria-hidden="true" className="size-3.5" />
        All data sets
      </Link>
      <Head name={name} data={query.data} />
      {query.data === undefined ? (
        <Panel title="Classes" state={panelState(query)} />
      ) : (
        <>
          <ClassPanel report={query.data.report} />
          {query.data.report !== null &&
            query.data.report.notes !== undefined &&
            query.data.report.notes.length > 0 && <Notes notes={query.data.report.notes} />}
        </>
      )}
      {!query.isPending && ( // below classes that are known, so that it does not move down
        <SampleBrowser of={{ dataset: name }} splits={SPLITS} question="What do its samples look like?" />
      )}
    </>
  );
}

function Head({ name, data }: { name: string; data: DatasetDetail | undefined }) {
  const [deleting, setDeleting] = useState(false);
  const report = data?.report;
  return (
    <header className="flex flex-wrap items-start justify-between gap-3">
      <div className="min-w-0 flex-1 basis-64">
        <h1 className="break-all">{name}</h1>
        {data !== undefined && (
          <p className="text-muted">
            {datasetFacts(data)}
            {report && ` ${report.samples}. ${partsWords(report.classes)}.`}
          </p>
        )}
      </div>
      <div className="flex flex-wrap gap-2">
        {data?.source === "uploaded" && (
          <Button kind="danger" onClick={() => setDeleting(true)}>
            <Trash2 aria-hidden="true" className="size-4" />
            Delete
          </Button>
        )}
        <ButtonLink kind="good" href={searchHref(name)}>
          Search on this
        </ButtonLink>
      </div>
      {deleting && <DeleteDataset name={name} onClose={() => setDeleting(false)} />}
    </header>
  );
}
