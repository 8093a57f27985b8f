import { type RefObject, useLayoutEffect, useState } from "react";

export interface Size {
  width: number;
  height: number;
}

/** The size of an element in pixels; null until it is measured. */
export function useSize(element: RefObject<HTMLElement | null>): Size | null {
  const [size, setSize] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const measured = element.current;
    if (!measured) return;
    const update = () => {
      const next = { width: measured.clientWidth, height: measured.clientHeight };
      setSize((old) => (old?.width === next.width && old.height === next.height ? old : next));
    };
    update();
    const observer = new ResizeObserver(update);
    observer.observe(measured);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
