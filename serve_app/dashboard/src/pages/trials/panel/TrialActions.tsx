import { Square } from "lucide-react";
import { useState } from "react";
import type { TrialNotes } from "../../../api/shapes";
import { useCancelTrial } from "../../../api/useChanges";
import { trialChanged } from "../../../live/changes";
import { useLiveStudyPart } from "../../../live/store";
import { studyLink } from "../../../model/sentence";
import { Button, ButtonLink, ErrorNote } from "../../../parts";
import { RunAgain } from "../../new/RunAgain";
import { StarButton } from "../StarButton";
import type { PanelTrial } from "./usePanelTrial";

/** What a person can do with one trial: mark it, compare it, train its network again, or end it while it runs. */
export function TrialActions({ of, isBest }: { of: PanelTrial; isBest: boolean }) {
  const { id, number, trial, live, detail } = of;
  const best = useLiveStudyPart(id, (study) => study.best_trial_number) ?? null;
  if (trial === null) return null;
  const notes: TrialNotes = { ...detail, ...live };
  const has = Object.keys(trial.hyperparameters).length > 0;
  return (
    <div data-trial-actions className="flex min-w-0 flex-wrap items-center gap-2">
      <StarButton id={id} number={number} starred={notes.starred ?? false} />
      {has && <RunAgain id={id} number={number} hyperparameters={trial.hyperparameters} />}
      {best !== null && !isBest && (
        <ButtonLink size="small" href={studyLink(id, "compare", { t: `${best},${number}` })}>
          Compare with the best
        </ButtonLink>
      )}
      {trial.status === "running" && (
        <CancelTrial id={id} number={number} requestedAt={notes.cancel_requested_at ?? null} />
      )}
    </div>
  );
}

/** Ends one trial. The study goes on, and never trains this trial again: the person confirms it once. */
function CancelTrial({ id, number, requestedAt }: { id: string; number: number; requestedAt: string | null }) {
  const [asks, setAsks] = useState(false);
  const cancel = useCancelTrial(id, number);
  const cancelling = requestedAt !== null || cancel.isSuccess;
  const send = () => {
    setAsks(false);
    const change = { cancel_requested_at: new Date().toISOString() };
    cancel.mutate(undefined, { onSuccess: () => trialChanged(id, number, change) });
  };
  if (asks) {
    return (
      <fieldset aria-label={`Cancel trial ${number}?`} className="flex flex-wrap items-center gap-2">
        <span className="text-[12px]">It keeps its results so far and is not trained again.</span>
        <Button size="small" kind="danger" onClick={send} autoFocus>
          Cancel this trial
        </Button>
        <Button size="small" onClick={() => setAsks(false)}>
          Keep training
        </Button>
      </fieldset>
    );
  }
  return (
    <>
      <Button size="small" kind="danger" busy={cancel.isPending} disabled={cancelling} onClick={() => setAsks(true)}>
        <Square aria-hidden="true" className="size-3.5" />
        {cancelling ? "Cancelling" : "Cancel trial"}
      </Button>
      {cancel.isError && (
        <div className="basis-full">
          <ErrorNote error={cancel.error} />
        </div>
      )}
    </>
  );
}
