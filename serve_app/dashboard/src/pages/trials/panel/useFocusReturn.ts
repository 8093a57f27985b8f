import { useEffect, useRef, useState } from "react";

/** After the panel of a trial was closed, the focus is on that trial's link, or where it was before. */
export function useFocusReturn(number: number): void {
  const [before] = useState(() => document.activeElement);
  const last = useRef(number);
  useEffect(() => {
    last.current = number;
  }, [number]);
  useEffect(() => {
    return () => {
      setTimeout(() => {
        if (document.activeElement !== null && document.activeElement !== document.body) return;
        const link = document.querySelector<HTMLElement>(`[data-trial="${last.current}"] a`);
        (link ?? (before instanceof HTMLElement ? before : null))?.focus({ preventScroll: true });
      });
    };
  }, [before]);
}
