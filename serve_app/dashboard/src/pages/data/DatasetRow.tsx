import { Link } from "wouter";
import type { DatasetEntry } from "../../api/useDatasets";
import { kindWords, sourceWords } from "../../model/data/datasetList";
import { count } from "../../model/format";
import { plural } from "../../model/sentence";
import { ButtonLink } from "../../parts";
import { datasetHref, searchHref } from "./links";

/** One data set in the list. */
export function DatasetRow({ entry }: { entry: DatasetEntry }) {
  return (
    <li
      data-dataset={entry.name}
      className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2.5 [contain-intrinsic-size:auto_3.5rem] [content-visibility:auto] last:border-0"
    >
      <div className="min-w-0 flex-1 basis-52">
        <Link
          href={datasetHref(entry.name)}
          className="focus-ring rounded-button font-medium break-all text-accent hover:underline"
        >
          {entry.name}
        </Link>
        <p className="text-[12px] text-muted">
          {kindWords(entry.kind)} · {sourceWords(entry.source)}
        </p>
      </div>
      <p className="basis-40 text-[13px]">
        {plural(entry.samples, "sample")}, {count(entry.classes)} {entry.classes === 1 ? "class" : "classes"}
      </p>
      <ButtonLink size="small" href={searchHref(entry.name)} aria-label={`Search on this: ${entry.name}`}>
        Search on this
      </ButtonLink>
    </li>
  );
}
