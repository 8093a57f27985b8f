import { useEffect, useRef, useState } from "react";

/** A value that follows another one at most every `ms` milliseconds; its first value is shown at once. */
export function useThrottled<T>(value: T, ms: number): T {
  const [shown, setShown] = useState(value);
  const at = useRef(0);
  useEffect(() => {
    const show = () => {
      at.current = performance.now();
      setShown(() => value);
    };
    const wait = at.current + ms - performance.now();
    if (wait <= 0) {
      show();
      return;
    }
    const timer = setTimeout(show, wait);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return ms === 0 || shown === undefined ? value : shown;
}
