import { Upload } from "lucide-react";
import { useState } from "react";
import { type DatasetEntry, useDatasets } from "../../api/useDatasets";
import { listSentence, SORT_WORDS, SORTS, shownDatasets } from "../../model/data/datasetList";
import { count } from "../../model/format";
import { Button, inputClass, Panel, type PanelState, panelState, Select } from "../../parts";
import { codecs, useParam } from "../../state/url";
import { DatasetRow } from "./DatasetRow";
import { UploadPanel } from "./UploadPanel";

const TEXT = codecs.text();
const SORT = codecs.choice(SORTS, "source");
const FLAG = codecs.flag();
/** Rows that are drawn at first, and more at each click. */
const STEP = 100;
const NONE: readonly DatasetEntry[] = [];

/** All data sets of the server, with a search, and the way to add one. */
export function DatasetList() {
  const query = useDatasets();
  const [search, setSearch] = useParam("find", TEXT);
  const [sort, setSort] = useParam("sort", SORT);
  const [uploading, setUploading] = useParam("upload", FLAG);
  const [most, setMost] = useState(STEP);
  const all = query.data ?? NONE;
  const shown = shownDatasets(all, search, sort);
  return (
    <>
      <header className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1>Data</h1>
          <p className="text-muted">{all.length > 0 ? listSentence(all) : "What a search can learn from."}</p>
        </div>
        <Button kind="primary" aria-expanded={uploading} onClick={() => setUploading(!uploading, { push: true })}>
          <Upload aria-hidden="true" className="size-4" />
          Upload a data set
        </Button>
      </header>
      {uploading && <UploadPanel taken={all.map((one) => one.name)} onClose={() => setUploading(false)} />}
      <Panel
        title="Data sets"
        question="Which data can a search use?"
        flush
        state={stateOf(query, shown.length)}
        actions={
          <>
            <input
              type="search"
              aria-label="Search data sets"
              placeholder="Search"
              className={`${inputClass} max-w-48`}
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
            <Select
              aria-label="Order"
              value={sort}
              onChange={setSort}
              options={SORTS.map((value) => ({ value, label: SORT_WORDS[value] }))}
            />
          </>
        }
      >
        <ul className="border-t border-line">
          {shown.slice(0, most).map((entry) => (
            <DatasetRow key={entry.name} entry={entry} />
          ))}
        </ul>
        {shown.length > most && (
          <div className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3">
            <p className="text-muted">
              {count(most)} of {count(shown.length)} data sets.
            </p>
            <Button size="small" onClick={() => setMost(most + STEP)}>
              Show {count(Math.min(STEP, shown.length - most))} more
            </Button>
          </div>
        )}
      </Panel>
    </>
  );
}

function stateOf(query: ReturnType<typeof useDatasets>, shown: number): PanelState {
  const state = panelState(query, "There are no data sets on this server.");
  return state.kind === "ready" && shown === 0 ? { kind: "empty", text: "No data set matches the search." } : state;
}
