import { useMemo } from "react";
import { useJob } from "../../api/useJob";
import { percent } from "../../model/format";
import { moreAccurate } from "../../model/moreAccurate";
import { studyLink } from "../../model/sentence";
import { hasEnded, verdict } from "../../model/verdict";
import { ButtonLink } from "../../parts";
import { useSettledStudy } from "./useSettledStudy";
import type { StudyHead } from "./useStudyHead";
import { useStudyImportance } from "./useStudyImportance";
import { Words } from "./Words";

/** What is known now, in a few sentences, before any figure. */
export function Verdict({ head }: { head: StudyHead }) {
  const { query } = useStudyImportance(head);
  const known = query.data ?? null;
  const timed = useJob(head.id).data?.spec.time_budget_s != null;
  const trials = useSettledStudy(head.id)?.trials;
  const sentences = useMemo(() => {
    const rival = trials === undefined ? null : moreAccurate(head, trials);
    return verdict(head, known, { timed, rival });
  }, [head, known, timed, trials]);
  const best = head.best_trial_number;
  return (
    <section
      data-panel="verdict"
      aria-labelledby="verdict-title"
      className="panel min-h-[154px] px-4 py-3 sm:min-h-[126px] lg:min-h-[98px]"
    >
      <h2 id="verdict-title" className="text-[12px] text-muted">
        Verdict
      </h2>
      <p
        role={head.status === "failed" ? "alert" : undefined}
        className="mt-0.5 max-w-[90ch] text-[18px] leading-7 text-pretty"
      >
        {sentences.map((sentence, place) => (
          <span key={place}>
            <Words of={sentence} />{" "}
          </span>
        ))}
        {/* Room for the sentence that is on its way: what stands below must not move when it comes. */}
        {query.isLoading && (
          <span aria-hidden="true" className="invisible">
            Learning rate decided most.
          </span>
        )}
      </p>
      <p role="status" className="sr-only">
        {best === null
          ? ""
          : `${hasEnded(head.status) ? "Best" : "Best so far"}: trial ${best}, ${percent(head.progress.best_accuracy)}`}
      </p>
      {head.status === "failed" && <AfterFailure id={head.id} />}
    </section>
  );
}

function AfterFailure({ id }: { id: string }) {
  return (
    <div className="mt-2 flex flex-wrap gap-2">
      <ButtonLink href={studyLink(id, "log")}>Open the log</ButtonLink>
      <ButtonLink href={`/new?from=${encodeURIComponent(id)}`}>Run again with changes</ButtonLink>
    </div>
  );
}
