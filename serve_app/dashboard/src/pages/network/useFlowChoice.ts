import { useCallback, useState } from "react";

const NAME = "tuner.network.flow";

/** Whether data flow through the drawing, a matter of taste: kept by this browser, not by the address. */
export function useFlowChoice(): [boolean, (flow: boolean) => void] {
  const [flow, setFlow] = useState(() => stored() !== "paused");
  const change = useCallback((next: boolean) => {
    setFlow(next);
    try {
      localStorage.setItem(NAME, next ? "flows" : "paused");
    } catch {
      // A browser that stores nothing forgets it with the page.
    }
  }, []);
  return [flow, change];
}

function stored(): string | null {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
}
