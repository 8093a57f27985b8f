import { useEffect, useMemo } from "react";
import { isFiltered } from "../../../model/trialFilter";
import { type Neighbours, neighbours } from "../../../model/trialSort";
import { writeParams } from "../../../state/url";
import { useTrialList } from "../useTrialList";

export interface Steps extends Neighbours {
  /** Why the list does not hold the trial; null: not known. */
  absence: string | null;
  onFront: boolean;
}

/** The trials before and after one in the list that the address describes; J and K open them. */
export function useSteps(id: string, number: number): Steps {
  const { shown, view, complete, front } = useTrialList(id);
  const steps = useMemo(
    () =>
      neighbours(
        shown.map((trial) => trial.number),
        number,
      ),
    [shown, number],
  );
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const key = event.key.toLowerCase();
      const to = key === "j" ? steps.after : key === "k" ? steps.before : null;
      if (to !== null) stepTo(to);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [steps]);
  const absence = complete && isFiltered(view.filter) ? "Not among the filtered trials" : null;
  return { ...steps, absence, onFront: front.has(number) };
}

/** Steps leave no entries in the history: Back returns to what was before the panel. */
export function stepTo(number: number): void {
  writeParams({ trial: String(number) });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
