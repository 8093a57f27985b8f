import { memo } from "react";
import { Link } from "wouter";
import { useJob } from "../../api/useJob";
import type { Job } from "../../api/useJobs";
import { browserWords } from "../../model/browserWords";
import { ago } from "../../model/format";
import { modeWords, studyWords } from "../../model/studies";
import { hasEnded } from "../../model/verdict";
import { Bar } from "../../parts/Bar";
import { Boundary } from "../../parts/Boundary";
import { StatusBadge } from "../../parts/StatusBadge";
import { useNow } from "../../state/useNow";
import { BestLine } from "./BestLine";
import { useSeen } from "./useSeen";

/** One study: what it searches, how far it is, the best so far. The whole card is a link. */
export const StudyCard = memo(function StudyCard({ job }: { job: Job }) {
  const [ref, seen] = useSeen<HTMLLIElement>();
  // The list does not tell the time budget. The reason of a completed study says whether its time ended it.
  const spec = useJob(job.id, seen && job.status !== "completed").data?.spec;
  const words = studyWords(job, spec?.time_budget_s ?? null);
  const now = useNow(60_000);
  const line = hasEnded(job.status) ? "Best" : "Best so far";
  const failure = job.status === "failed" && job.reason !== null ? browserWords(job.reason) : null;
  return (
    <li
      ref={ref}
      data-study={job.id}
      className="panel relative flex min-w-0 flex-col gap-3 p-4 transition-colors [contain-intrinsic-size:auto_11rem] [content-visibility:auto] hover:border-accent"
    >
      <div className="flex min-w-0 items-start gap-2">
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold">
            <Link
              href={`/s/${encodeURIComponent(job.id)}`}
              className="after:absolute after:inset-0 after:rounded-panel focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent"
            >
              {job.id}
            </Link>
          </h2>
          <p className="truncate text-[12px] text-muted">
            {job.dataset} · {ago(job.created_at, now)} · {modeWords(job.mode)}
          </p>
        </div>
        <StatusBadge status={words.status} />
      </div>
      <dl className="flex items-end gap-5 whitespace-nowrap">
        <div>
          <dt className="text-[12px] text-muted">
            Best <span className="max-sm:sr-only">validation</span>
          </dt>
          <dd className="text-[24px] leading-7 font-semibold tracking-tight">{words.best}</dd>
        </div>
        <div>
          <dt className="text-[12px] text-muted">Test</dt>
          <dd className="leading-7">{words.test}</dd>
        </div>
        <div className="ml-auto h-8 w-24 self-end">
          <dt className="sr-only">{line}</dt>
          <dd>
            <Boundary title={line}>
              <BestLine job={job} seen={seen} />
            </Boundary>
          </dd>
        </div>
      </dl>
      <div className="mt-auto flex flex-col gap-1.5">
        <Bar
          share={words.share}
          label={`${words.progress} of ${job.id}`}
          tone={job.status === "failed" ? "bad" : job.status === "completed" ? "good" : "accent"}
        />
        <p className="flex justify-between gap-3 text-[12px] text-muted">
          <span className="shrink-0">{words.progress}</span>
          <span className="truncate">{failure ?? words.time}</span>
        </p>
      </div>
    </li>
  );
});
