import { useMemo } from "react";
import { useDatasets } from "../../api/useDatasets";
import { useJob } from "../../api/useJob";
import { useOptions } from "../../api/useOptions";
import { copied } from "../../model/specCopy";
import { optionsDocument } from "../../model/specDocument";
import { EMPTY } from "../../model/specDraft";
import { Panel, panelState } from "../../parts";
import { codecs, useParam } from "../../state/url";
import { NewForm } from "./NewForm";

const TEXT = codecs.text();

/** `/new`: a person chooses a data set and presses Start. `?from=ID` begins with the spec of that study. */
export default function NewPage() {
  const [from] = useParam("from", TEXT);
  return (
    <div data-page="new" className="mx-auto flex w-full max-w-6xl flex-col gap-4 p-4">
      <header>
        <h1>New search</h1>
        <p className="text-muted">
          {from === ""
            ? "Everything is set. Press Start, or change what you like first."
            : `The settings are those of ${from}. Change what you like, then press Start.`}
        </p>
      </header>
      {from === "" ? <Fresh /> : <Copy key={from} from={from} />}
    </div>
  );
}

function Fresh() {
  const options = useOptions();
  const datasets = useDatasets();
  const document = useMemo(() => optionsDocument(options.data), [options.data]);
  if (!options.data || !datasets.data) return <Waiting query={options.data ? datasets : options} />;
  return <NewForm from="" initial={EMPTY} document={document} datasets={datasets.data} />;
}

function Copy({ from }: { from: string }) {
  const options = useOptions();
  const datasets = useDatasets();
  const job = useJob(from);
  const spec = job.data?.spec;
  const document = useMemo(() => optionsDocument(options.data), [options.data]);
  const initial = useMemo(() => (spec ? copied(spec, document.fields) : EMPTY), [spec, document]);
  if (!spec) return <Waiting query={job} />;
  if (!options.data || !datasets.data) return <Waiting query={options.data ? datasets : options} />;
  return <NewForm from={from} initial={initial} document={document} datasets={datasets.data} />;
}

function Waiting({ query }: { query: Parameters<typeof panelState>[0] }) {
  return <Panel title="What to search" state={panelState(query)} />;
}
