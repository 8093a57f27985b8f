import { Star } from "lucide-react";
import { usePatchTrial } from "../../api/useChanges";
import { trialChanged } from "../../live/changes";
import { asSentence } from "../../model/sentence";
import { buttonClass } from "../../parts";

interface Props {
  id: string;
  number: number;
  starred: boolean;
  className?: string;
}

/** Marks a trial, for everybody who looks at the study. It shows the new state at once, and the old one if it fails. */
export function StarButton({ id, number, starred, className = "" }: Props) {
  const patch = usePatchTrial(id, number);
  const shown = patch.isPending ? (patch.variables.starred ?? starred) : starred;
  const fault = patch.isError ? asSentence(patch.error.message) : null;
  const change = { starred: !shown };
  return (
    <>
      <button
        type="button"
        aria-pressed={shown}
        aria-label={`Star trial ${number}`}
        title={fault ?? (shown ? "Remove the star" : "Mark this trial with a star")}
        onClick={(event) => {
          event.stopPropagation();
          if (!patch.isPending) patch.mutate(change, { onSuccess: () => trialChanged(id, number, change) });
        }}
        className={buttonClass(
          "ghost",
          "icon",
          `relative z-10 !size-7 ${fault === null ? "" : "!text-bad"} ${className}`,
        )}
      >
        <Star aria-hidden="true" className={`size-4 ${shown ? "fill-current text-warn" : ""}`} />
      </button>
      {fault !== null && (
        <span role="alert" className="sr-only">
          {fault}
        </span>
      )}
    </>
  );
}
