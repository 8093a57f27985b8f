import { X } from "lucide-react";
import { Link } from "wouter";
import { useJobs } from "../../api/useJobs";
import { trialColor } from "../../charts";
import { MOST_COMPARED, writeNames } from "../../model/compare/chosen";
import { studyLink } from "../../model/sentence";
import { Button, Select } from "../../parts";
import { writeParams } from "../../state/url";

function choose(names: readonly string[]): void {
  writeParams({ s: writeNames(names) }, { push: true });
}

/** The compared studies with their colours, each can be taken away; and a list to add one. */
export function StudyChips({ names }: { names: readonly string[] }) {
  const free = (useJobs().data?.items ?? []).filter((job) => !names.includes(job.id));
  const options = free.map((job) => ({ value: job.id, label: `${job.id} (${job.dataset})` }));
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2">
      <ul aria-label="Compared studies" className="flex min-w-0 flex-wrap gap-2">
        {names.map((name, place) => (
          <li
            key={name}
            data-compared={name}
            className="flex h-9 max-w-full min-w-0 items-center gap-2 rounded-button border border-line bg-surface pl-3"
          >
            <span
              aria-hidden="true"
              className="size-2.5 shrink-0 rounded-full"
              style={{ backgroundColor: trialColor(place + 1) }}
            />
            <Link href={studyLink(name)} className="focus-ring truncate rounded font-medium hover:underline">
              {name}
            </Link>
            <Button
              kind="ghost"
              size="icon"
              aria-label={`Do not compare ${name}`}
              onClick={() => choose(names.filter((other) => other !== name))}
            >
              <X aria-hidden="true" className="size-4" />
            </Button>
          </li>
        ))}
      </ul>
      {names.length < MOST_COMPARED && options.length > 0 && (
        <Select
          aria-label="Add a study to the comparison"
          value=""
          options={[{ value: "", label: "Add a study" }, ...options]}
          onChange={(name) => name !== "" && choose([...names, name])}
          className="max-w-64"
        />
      )}
    </div>
  );
}
