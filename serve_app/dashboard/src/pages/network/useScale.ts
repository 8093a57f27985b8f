import { useCallback, useState } from "react";
import { SCALES, type Scale } from "../../network/colours";

const NAME = "tuner.network.scale";

/** The scale of colours, a matter of taste: kept by this browser, not by the address. */
export function useScale(): [Scale, (scale: Scale) => void] {
  const [scale, setScale] = useState<Scale>(() => SCALES.find((known) => known === stored()) ?? "usual");
  const change = useCallback((next: Scale) => {
    setScale(next);
    try {
      localStorage.setItem(NAME, next);
    } catch {
      // A browser that stores nothing forgets it with the page.
    }
  }, []);
  return [scale, change];
}

function stored(): string | null {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
}
