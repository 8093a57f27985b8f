import { GitCompareArrows } from "lucide-react";
import { buttonClass } from "../../parts";
import { toggleCompared } from "../compare/choice";

interface Props {
  number: number;
  chosen: boolean;
  /** Four are chosen, and this one is not among them. */
  full: boolean;
}

export const FULL = "Four trials are chosen: that is the most that can be compared";

/** Adds a trial to those that are compared. */
export function CompareToggle({ number, chosen, full }: Props) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      aria-label={`Compare trial ${number}`}
      disabled={full}
      title={full ? FULL : undefined}
      onClick={() => toggleCompared(number)}
      className={buttonClass(
        "ghost",
        "small",
        `relative z-10 ${chosen ? "!border-accent bg-accent-soft !text-accent" : "!border-line"}`,
      )}
    >
      <GitCompareArrows aria-hidden="true" className="size-3.5" />
      Compare
    </button>
  );
}
