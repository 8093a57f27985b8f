import { useMemo } from "react";
import { Link } from "wouter";
import type { LiveTrial } from "../../../live/store";
import { studyLink } from "../../../model/sentence";
import { failureOf, othersSentence } from "../../../model/trialFailure";
import type { TrialRecord } from "../../../model/trialRecord";
import { CopyButton } from "../../../parts";

interface Props {
  id: string;
  trial: TrialRecord;
  /** The whole traceback; null: none was recorded. */
  error: string | null;
  all: ReadonlyMap<number, LiveTrial> | undefined;
}

/** The end of a failed trial's traceback, what to do, and who else failed in the same way. */
export function FailureNote({ id, trial, error, all }: Props) {
  const failure = useMemo(() => failureOf(trial, error, all?.values() ?? []), [trial, error, all]);
  if (failure === null) return null;
  const others = othersSentence(failure, trial.status);
  const conditions = trial.cause === null ? { status: trial.status } : { status: trial.status, cause: trial.cause };
  return (
    <div className="mt-2 flex min-w-0 flex-col items-start gap-2">
      {failure.lines.length > 0 && (
        <>
          <section
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus, so that arrow keys scroll it
            tabIndex={0}
            aria-label="Last lines of the traceback"
            className="focus-ring w-full overflow-x-auto rounded-button bg-sunken p-3"
          >
            <pre className="font-mono text-[12px] leading-5">{failure.lines.join("\n")}</pre>
          </section>
          <CopyButton text={error ?? ""} label="Copy the whole traceback" />
        </>
      )}
      {failure.remedy !== null && (
        <p>
          <span className="font-medium">What to do: </span>
          {failure.remedy}
        </p>
      )}
      {others !== null && (
        <p>
          <Link href={studyLink(id, "trials", conditions)} className="focus-ring rounded-button text-accent underline">
            {others}
          </Link>
          .
        </p>
      )}
    </div>
  );
}
