import { memo } from "react";
import { Link, useRoute } from "wouter";
import { type Job, useJobs } from "../../api/useJobs";
import { studyWords } from "../../model/studies";
import { splitName } from "../../model/studyName";
import { ErrorNote } from "../../parts/ErrorNote";
import { Loading } from "../../parts/Skeleton";
import { StatusDot } from "./StatusDot";

/** All studies with status and best value, the newest first. */
export function StudyList() {
  const jobs = useJobs();
  const [, params] = useRoute("/s/:id/*?");
  const open = params?.id === undefined ? null : decodeURIComponent(params.id);
  return (
    <nav aria-labelledby="studies-title" className="-mx-1 min-h-0 flex-1 overflow-y-auto px-1">
      <p id="studies-title" className="flex h-7 items-center px-2 text-[12px] font-medium text-muted">
        Studies
      </p>
      {jobs.isError && jobs.data === undefined ? (
        <ErrorNote error={jobs.error} retry={() => void jobs.refetch()} />
      ) : jobs.data === undefined ? (
        <div className="px-2">
          <Loading lines={4} />
        </div>
      ) : jobs.data.items.length === 0 ? (
        <p className="px-2 text-[12px] text-muted">No study yet.</p>
      ) : (
        <ul>
          {jobs.data.items.map((job) => (
            <StudyLine key={job.id} job={job} current={job.id === open} />
          ))}
        </ul>
      )}
      {jobs.data?.next_cursor != null && (
        <p className="px-2 py-1 text-[12px] text-muted">The newest 200 studies. Search finds the others.</p>
      )}
    </nav>
  );
}

const StudyLine = memo(function StudyLine({ job, current }: { job: Job; current: boolean }) {
  const words = studyWords(job);
  const name = splitName(job.id);
  return (
    <li>
      <Link
        href={`/s/${encodeURIComponent(job.id)}`}
        aria-current={current ? "page" : undefined}
        title={job.id}
        className={`focus-ring flex h-8 items-center gap-2 rounded-button px-2 -outline-offset-2 ${
          current ? "bg-accent-soft text-main" : "text-muted hover:bg-sunken hover:text-main"
        }`}
      >
        <StatusDot status={words.status} />
        <span className="sr-only">{job.id}</span>
        <span aria-hidden="true" className="flex min-w-0 flex-1">
          <span className="truncate">{name.start}</span>
          <span className="shrink-0">{name.end}</span>
        </span>
        <span className="text-[12px]">{words.best}</span>
      </Link>
    </li>
  );
});
