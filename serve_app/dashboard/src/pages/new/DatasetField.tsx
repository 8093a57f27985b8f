import { useState } from "react";
import type { DatasetEntry } from "../../api/useDatasets";
import { count } from "../../model/format";
import { datasetChoices, datasetFacts } from "../../model/specDatasets";
import { Field, inputClass, Select } from "../../parts";
import { useField } from "./form";
import { OwnData } from "./OwnData";

const MANY = 12;

/** Which data set. With many of them, a search narrows the list. */
export function DatasetField({ datasets }: { datasets: readonly DatasetEntry[] }) {
  const { text, effective, error, note, set } = useField("dataset");
  const share = Number(useField("sample_percentage").effective ?? 1);
  const [search, setSearch] = useState("");
  const chosen = text || String(effective ?? "");
  const entry = datasets.find((one) => one.name === chosen);
  const { choices, found } = datasetChoices(datasets, search, chosen);
  return (
    <div data-field="dataset" className="flex flex-col gap-2">
      <Field label="Data set" hint={datasetFacts(entry, share)} note={note} error={error}>
        {(ids) => (
          <div className="flex flex-col gap-2 sm:flex-row">
            <Select {...ids} value={chosen} onChange={set} className="w-full" options={choices} />
            {datasets.length > MANY && (
              <input
                type="search"
                aria-label="Search data sets"
                placeholder={`Search ${count(datasets.length)} data sets`}
                className={`${inputClass} sm:max-w-60`}
                value={search}
                onChange={(event) => setSearch(event.target.value)}
              />
            )}
          </div>
        )}
      </Field>
      {search !== "" && (
        <p role="status" className="text-[12px] text-muted">
          {found === 0 ? "No data set has this name." : `${count(found)} of ${count(datasets.length)} in the list.`}
        </p>
      )}
      <OwnData />
    </div>
  );
}
