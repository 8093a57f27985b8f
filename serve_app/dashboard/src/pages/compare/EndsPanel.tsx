import { Link } from "wouter";
import { trialColor } from "../../charts";
import { lastingFindings } from "../../model/trialFindings";
import { monitored, whyEnded } from "../../model/trialStory";
import { findingWords } from "../../model/trialWords";
import { Panel, StatusBadge } from "../../parts";
import { useTrialHref } from "../trials/trialHref";
import type { Compared } from "./useComparedTrials";

/** Why each of the trials ended, and the training problems that were found in it. */
export function EndsPanel({ compared, objectives }: { compared: readonly Compared[]; objectives: readonly string[] }) {
  const href = useTrialHref();
  return (
    <Panel title="Why they ended" question="Why did each of them stop?">
      <ul className="flex flex-col gap-3">
        {compared.map(({ number, trial, detail }) => {
          const problems = [...new Set(lastingFindings(trial).map(({ name }) => findingWords(name)))];
          return (
            <li key={number} className="flex min-w-0 flex-col gap-1">
              <div className="flex items-center gap-2">
                <span
                  aria-hidden="true"
                  className="size-2.5 rounded-full"
                  style={{ backgroundColor: trialColor(number) }}
                />
                <Link href={href(number)} className="focus-ring rounded font-medium hover:underline">
                  Trial {number}
                </Link>
                <StatusBadge status={trial.status} />
              </div>
              <p className="break-words">
                {whyEnded(trial, detail?.stopped_by ?? null, monitored(objectives)) ?? "It still trains."}
              </p>
              {problems.length > 0 && (
                <p className="text-[12px] text-warn">Training problems: {problems.join(", ")}.</p>
              )}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
