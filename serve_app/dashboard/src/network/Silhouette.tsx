import { useMemo } from "react";
import { flatBounds } from "./drawing";
import { layoutNetwork } from "./layout";
import { silhouettePath } from "./silhouettePath";
import type { LayerBox } from "./types";

/** The outline of a network in the colour of the text around it: one path, for cards that are mounted by the dozen. */
export function Silhouette({ outline, title }: { outline: readonly LayerBox[]; title: string }) {
  const drawn = useMemo(() => {
    const layout = layoutNetwork(outline);
    const { left, top, right, bottom } = flatBounds(layout);
    const margin = 0.1;
    const box = [left - margin, top - margin, right - left + 2 * margin, bottom - top + 2 * margin];
    return { box: box.map((value) => value.toFixed(2)).join(" "), path: silhouettePath(layout) };
  }, [outline]);
  return (
    <svg
      role="img"
      aria-label={title}
      viewBox={drawn.box}
      className="h-full w-full"
      preserveAspectRatio="xMidYMid meet"
    >
      <path d={drawn.path} fill="currentColor" fillRule="nonzero" />
    </svg>
  );
}
