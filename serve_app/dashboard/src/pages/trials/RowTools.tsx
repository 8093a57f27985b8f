import type { LiveTrial } from "../../live/store";
import { MOST_COMPARED } from "../../model/compare/chosen";
import { toggleCompared } from "../compare/choice";
import { FULL } from "./CompareToggle";
import { StarButton } from "./StarButton";

/** At the start of a row: whether the trial is compared, and its star. */
export function RowTools({ id, trial, compared }: { id: string; trial: LiveTrial; compared: readonly number[] }) {
  const chosen = compared.includes(trial.number);
  const full = !chosen && compared.length >= MOST_COMPARED;
  return (
    <span className="float-left inline-flex h-7 items-center gap-1">
      <input
        type="checkbox"
        aria-label={`Compare trial ${trial.number}`}
        title={full ? FULL : "Compare"}
        checked={chosen}
        disabled={full}
        onClick={(event) => event.stopPropagation()}
        onChange={() => toggleCompared(trial.number)}
        className="focus-ring size-4 accent-[var(--accent)]"
      />
      <StarButton id={id} number={trial.number} starred={trial.starred} />
    </span>
  );
}
