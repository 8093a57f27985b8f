import { type RefObject, useLayoutEffect, useState } from "react";

/** The width of an element in pixels, also after the window changes; 0: it is not laid out yet. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const box = element.current;
    if (!box) return;
    setWidth(box.clientWidth);
    const resized = new ResizeObserver(() => setWidth(box.clientWidth));
    resized.observe(box);
    return () => resized.disconnect();
  }, [element]);
  return width;
}
