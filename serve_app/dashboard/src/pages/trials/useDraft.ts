import { useEffect, useRef, useState } from "react";

const PAUSE_MS = 150;

/** A text that a person types. It is written after a short pause; until the field is left, it stays as it was typed. */
export function useDraft(value: string, write: (text: string) => void) {
  const [draft, setDraft] = useState<string | null>(null);
  const waiting = useRef<{ timer: ReturnType<typeof setTimeout>; now: () => void } | null>(null);
  useEffect(() => () => clearTimeout(waiting.current?.timer), []);
  const flush = () => {
    const left = waiting.current;
    if (left === null) return;
    clearTimeout(left.timer);
    waiting.current = null;
    left.now();
  };
  return {
    value: draft ?? value,
    onChange: (event: { target: { value: string } }) => {
      const text = event.target.value;
      setDraft(text);
      clearTimeout(waiting.current?.timer);
      waiting.current = { timer: setTimeout(flush, PAUSE_MS), now: () => write(text) };
    },
    onBlur: () => {
      flush();
      setDraft(null);
    },
  };
}
