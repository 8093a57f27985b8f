import type { LiveTrial } from "../../live/store";
import { runningLine } from "../../model/trialCard";
import { Bar } from "../../parts";

/** How far a running trial is. */
export function RunningProgress({ trial }: { trial: LiveTrial }) {
  const { text, share } = runningLine(trial, trial.batch);
  return (
    <div className="flex flex-col gap-1">
      <p className="text-[12px]">{text}</p>
      <Bar share={share} label={`Progress of trial ${trial.number}`} />
    </div>
  );
}
