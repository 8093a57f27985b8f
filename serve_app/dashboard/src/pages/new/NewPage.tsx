import { useEffect, useMemo } from "react";
import { useDatasets } from "../../api/useDatasets";
import { useJob } from "../../api/useJob";
import { useOptions } from "../../api/useOptions";
import { useTrial } from "../../api/useTrial";
import { copied } from "../../model/specCopy";
import { optionsDocument } from "../../model/specDocument";
import { EMPTY } from "../../model/specDraft";
import { ofTrial } from "../../model/specTrial";
import { Panel, panelState } from "../../parts";
import { codecs, useParam } from "../../state/url";
import { NewForm } from "./NewForm";

const TEXT = codecs.text();
const NUMBER = codecs.number(null);

/**
 * `/new`: a person chooses a data set and presses Start. `?dataset=NAME` begins with that data set, `?from=ID` with the
 * spec of that study, with `&trial=17` narrowed to that one network.
 */
export default function NewPage() {
  const [from] = useParam("from", TEXT);
  const [trial] = useParam("trial", NUMBER);
  const [dataset] = useParam("dataset", TEXT);
  useEffect(() => {
    document.title = "New search · Tuner";
    return () => {
      document.title = "Tuner";
    };
  }, []);
  const origin = trial === null ? from : `trial ${trial} of ${from}`;
  return (
    <div data-page="new" className="mx-auto flex w-full max-w-6xl flex-col gap-4 p-4 md:p-6">
      <header>
        <h1>New search</h1>
        <p className="break-words text-muted">
          {from === ""
            ? "Everything is set. Press Start, or change what you like first."
            : `The settings are those of ${origin}. Change what you like, then press Start.`}
        </p>
      </header>
      {from === "" ? <Fresh key={dataset} dataset={dataset} /> : <Copy key={origin} from={from} trial={trial} />}
    </div>
  );
}

function Fresh({ dataset }: { dataset: string }) {
  const options = useOptions();
  const datasets = useDatasets();
  const schema = useMemo(() => optionsDocument(options.data), [options.data]);
  const initial = useMemo(() => (dataset === "" ? EMPTY : { ...EMPTY, values: { dataset } }), [dataset]);
  if (!options.data || !datasets.data) return <Waiting query={options.data ? datasets : options} />;
  // A draft of its own, so that what was typed for other data does not hide the data set that the address names.
  const place = dataset === "" ? "" : `data:${dataset}`;
  return <NewForm place={place} initial={initial} document={schema} datasets={datasets.data} />;
}

function Copy({ from, trial }: { from: string; trial: number | null }) {
  const options = useOptions();
  const datasets = useDatasets();
  const job = useJob(from);
  const one = useTrial(from, trial);
  const spec = job.data?.spec;
  const hyperparameters = one.data?.hyperparameters;
  const schema = useMemo(() => optionsDocument(options.data), [options.data]);
  const initial = useMemo(() => {
    const study = spec ? copied(spec, schema.fields) : EMPTY;
    return hyperparameters ? ofTrial(study, hyperparameters) : study;
  }, [spec, hyperparameters, schema]);
  if (!spec) return <Waiting query={job} />;
  if (trial !== null && !hyperparameters) return <Waiting query={one} />;
  if (!options.data || !datasets.data) return <Waiting query={options.data ? datasets : options} />;
  const place = trial === null ? from : `${from}#${trial}`;
  return <NewForm place={place} initial={initial} document={schema} datasets={datasets.data} />;
}

function Waiting({ query }: { query: Parameters<typeof panelState>[0] }) {
  return <Panel title="What to search" state={panelState(query)} />;
}
