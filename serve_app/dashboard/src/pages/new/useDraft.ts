import { useCallback, useEffect, useState } from "react";
import { type Draft, isUnset, restored, stored } from "../../model/specDraft";

/** Where this tab keeps the form: one draft for a new study, one for each study that is copied. */
function key(place: string): string {
  return `tuner.new:${place}`;
}

function read(place: string): Draft | null {
  try {
    return restored(sessionStorage.getItem(key(place)));
  } catch {
    return null; // the browser allows no storage: the form works without it
  }
}

function write(place: string, draft: Draft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(key(place));
    else sessionStorage.setItem(key(place), stored(draft));
  } catch {
    // The storage is full or forbidden; the form works without it.
  }
}

export interface DraftState {
  draft: Draft;
  /** Whether this draft was typed before the page was opened. */
  wasRestored: boolean;
  change: (next: (draft: Draft) => Draft) => void;
  /** Back to the study that is copied, or to the defaults. */
  clear: () => void;
  /** Forgets the draft once its study has started. */
  forget: () => void;
}

/** What a person typed, kept in this tab until the study starts or the person clears it. */
export function useDraft(place: string, initial: Draft): DraftState {
  const [before] = useState(() => read(place));
  const [draft, setDraft] = useState<Draft>(before ?? initial);
  const [wasRestored, setWasRestored] = useState(before !== null && stored(before) !== stored(initial));
  const [forgotten, setForgotten] = useState(false);
  useEffect(() => {
    if (!forgotten) write(place, isUnset(draft) && isUnset(initial) ? null : draft);
  }, [place, draft, initial, forgotten]);
  return {
    draft,
    wasRestored,
    change: useCallback((next) => setDraft(next), []),
    clear: useCallback(() => {
      setDraft(initial);
      setWasRestored(false);
    }, [initial]),
    forget: useCallback(() => {
      setForgotten(true);
      write(place, null);
    }, [place]),
  };
}
