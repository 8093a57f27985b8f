import { useEffect, useRef, useState } from "react";

const PAUSE_MS = 150;

/**
 * A text that a person types. It is written after a short pause; until the field is left, it stays as it was typed. A
 * text that is not valid stays until it is corrected.
 */
export function useDraft(
  value: string,
  write: (text: string) => void,
  isValid: (text: string) => boolean = () => true,
) {
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
    "aria-invalid": draft !== null && !isValid(draft) ? true : undefined,
    onChange: (event: { target: { value: string } }) => {
      const text = event.target.value;
      setDraft(text);
      clearTimeout(waiting.current?.timer);
      waiting.current = { timer: setTimeout(flush, PAUSE_MS), now: () => write(text) };
    },
    onBlur: () => {
      flush();
      setDraft((text) => (text === null || isValid(text) ? null : text));
    },
  };
}
