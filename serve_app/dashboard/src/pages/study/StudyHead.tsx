import { useLocation } from "wouter";
import type { useJob } from "../../api/useJob";
import { browserWords } from "../../model/browserWords";
import { exactTime, time } from "../../model/format";
import { modeWords, shownStatus } from "../../model/studies";
import { notesOf } from "../../model/studyNotes";
import { hasReport } from "../../model/studyReport";
import { usedUpText } from "../../model/timeBudget";
import { ErrorNote } from "../../parts/ErrorNote";
import { StatusBadge } from "../../parts/StatusBadge";
import { Tabs } from "../../parts/Tabs";
import { Explained } from "../live/Words";
import { ReportLink } from "./ReportLink";
import { StudyActions } from "./StudyActions";
import { StudyNotes } from "./StudyNotes";
import { useHead } from "./useHead";

const PAGES = [
  { path: "", label: "Overview" },
  { path: "/trials", label: "Trials" },
  { path: "/analysis", label: "Analysis" },
  { path: "/compare", label: "Compare" },
  { path: "/network", label: "Network" },
  { path: "/try", label: "Try" },
  { path: "/log", label: "Log" },
] as const;

/** Name, status, data and target of a study, what can be done with it, and its tabs. */
export function StudyHead({ id, job }: { id: string; job: ReturnType<typeof useJob> }) {
  const [path] = useLocation();
  const head = useHead(id, job.data);
  const why = head === undefined ? null : usedUpText(head);
  const at = `/s/${encodeURIComponent(id)}`;
  const onLive = decodeURI(path) === `/s/${id}`; // its verdict says why a study ended
  const tabs = PAGES.map((page) => ({
    href: at + page.path,
    label: page.label,
    current: decodeURI(path) === `/s/${id}${page.path}`,
  }));
  return (
    <header className="border-b border-line bg-surface px-4 pt-3 md:px-6">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="min-w-0 break-all">{id}</h1>
            {head !== undefined && <StatusBadge status={shownStatus(head)} />}
            {why !== null && <span className="text-[12px] text-muted">{why}</span>}
          </div>
          <p className="min-h-[18px] text-[12px] text-muted">
            {job.data !== undefined && (
              <>
                {job.data.dataset} · <Explained text={modeWords(job.data.mode)} /> ·{" "}
                <time dateTime={job.data.created_at} title={exactTime(job.data.created_at)}>
                  created {time(job.data.created_at)}
                </time>
              </>
            )}
          </p>
          {job.data === undefined ? <div className="h-8" /> : <StudyNotes id={id} job={job.data} />}
        </div>
        {head === undefined ? (
          <div className="min-h-9" />
        ) : (
          <StudyActions id={id} head={head} workers={workersOf(job.data)} />
        )}
      </div>
      {job.isError && job.data === undefined && <ErrorNote error={job.error} retry={() => void job.refetch()} />}
      {!onLive && head?.status === "failed" && head.reason !== null && (
        <p role="alert" className="mt-2 rounded-button bg-bad-soft px-3 py-2 text-bad break-words">
          {browserWords(head.reason)}
        </p>
      )}
      {!onLive && head?.status === "interrupted" && (
        <p className="mt-2 rounded-button bg-warn-soft px-3 py-2 text-warn">
          The process of this study ended before the study did. Everything it measured is saved: resume it to go on.
        </p>
      )}
      <div className="mt-2 flex min-w-0 items-center gap-1">
        <div className="min-w-0 flex-1">
          <Tabs label="Pages of this study" tabs={tabs} />
        </div>
        {hasReport(head?.status) && <ReportLink id={id} />}
      </div>
    </header>
  );
}

/** Undefined: not known yet, or the server cannot change it. */
function workersOf(job: object | undefined): number | null | undefined {
  return job !== undefined && "concurrent_workers" in job ? notesOf(job).workers : undefined;
}
