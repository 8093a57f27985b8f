import { trialColor } from "../../charts/colors";

/** The colour that a trial has everywhere; its number stands beside it. */
export function TrialMark({ trial }: { trial: number }) {
  return (
    <span
      aria-hidden="true"
      className="mt-[0.4em] size-2.5 shrink-0 rounded-full"
      style={{ backgroundColor: trialColor(trial) }}
    />
  );
}
