import { useCallback, useEffect, useState } from "react";
import { type Draft, isUnset, restored, stored } from "../../model/specDraft";

/** Where this tab keeps the form: one draft for a new study, one for each study that is copied. */
function place(from: string): string {
  return `tuner.new:${from}`;
}

function read(from: string): Draft | null {
  try {
    return restored(sessionStorage.getItem(place(from)));
  } catch {
    return null; // the browser allows no storage: the form works without it
  }
}

function write(from: string, draft: Draft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(place(from));
    else sessionStorage.setItem(place(from), stored(draft));
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
export function useDraft(from: string, initial: Draft): DraftState {
  const [before] = useState(() => read(from));
  const [draft, setDraft] = useState<Draft>(before ?? initial);
  const [wasRestored, setWasRestored] = useState(before !== null && stored(before) !== stored(initial));
  const [forgotten, setForgotten] = useState(false);
  useEffect(() => {
    if (!forgotten) write(from, isUnset(draft) && isUnset(initial) ? null : draft);
  }, [from, draft, initial, forgotten]);
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
      write(from, null);
    }, [from]),
  };
}
