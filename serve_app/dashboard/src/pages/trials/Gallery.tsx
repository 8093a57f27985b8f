import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useLayoutEffect, useRef, useState } from "react";
import { MOST_COMPARED } from "../../model/compare/chosen";
import { useParam } from "../../state/url";
import { TRIALS } from "../compare/choice";
import { TrialCard } from "./TrialCard";
import { useTrialHref } from "./trialHref";
import type { TrialList } from "./useTrialList";

const GAP = 12;
const NARROWEST = 288;
const OVERSCAN = 1;
const MOST_CARDS = 60;

interface Props {
  id: string;
  list: TrialList;
  open: number | null;
}

/** The trials as cards. Only those near the window are mounted: at most 60, however large the screen is. */
export function Gallery({ id, list, open }: Props) {
  const { shown: trials, health, weights, best, front } = list;
  const grid = useRef<HTMLDivElement>(null);
  const { width, top } = usePlace(grid);
  const height = health ? 532 : 362;
  const [compared] = useParam("compare", TRIALS);
  const columns = columnsFor(width, height);
  const href = useTrialHref();
  // Rows of another number of columns are other rows: their heights are measured anew.
  const keyOf = useCallback((index: number) => `${columns} ${index}`, [columns]);
  const rows = useWindowVirtualizer({
    count: Math.ceil(trials.length / columns),
    estimateSize: () => height,
    overscan: OVERSCAN,
    gap: GAP,
    scrollMargin: top,
    getItemKey: keyOf,
  });
  return (
    <div
      ref={grid}
      className={`relative w-full ${compared.length > 0 ? "mb-24 md:mb-14" : ""}`}
      style={{ height: rows.getTotalSize() }}
    >
      {width > 0 &&
        rows.getVirtualItems().map((row) => (
          <div
            key={row.key}
            ref={rows.measureElement}
            data-index={row.index}
            className="absolute top-0 left-0 grid w-full"
            style={{
              transform: `translateY(${row.start - top}px)`,
              gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
              gap: GAP,
            }}
          >
            {trials.slice(row.index * columns, (row.index + 1) * columns).map((trial) => (
              <TrialCard
                key={trial.number}
                id={id}
                trial={trial}
                health={health}
                weights={weights}
                best={trial.number === best}
                front={front.has(trial.number)}
                open={trial.number === open}
                compared={compared.includes(trial.number)}
                full={compared.length >= MOST_COMPARED}
                href={href(trial.number)}
              />
            ))}
          </div>
        ))}
    </div>
  );
}

/** As many columns as fit, but not so many that a window full of rows has more than MOST_CARDS cards. */
function columnsFor(width: number, height: number): number {
  const fitting = Math.floor((width + GAP) / (NARROWEST + GAP));
  const rows = Math.ceil(window.innerHeight / (height * 0.8)) + 1 + 2 * OVERSCAN;
  return Math.max(1, Math.min(fitting, Math.floor(MOST_CARDS / rows)));
}

/** The element's width and its distance from the top of the page, also after the page above it has grown. */
function usePlace(element: { readonly current: HTMLElement | null }): { width: number; top: number } {
  const [place, setPlace] = useState({ width: 0, top: 0 });
  useLayoutEffect(() => {
    const node = element.current;
    if (node === null) return;
    const measure = () => {
      const box = node.getBoundingClientRect();
      const next = { width: Math.round(box.width), top: Math.round(box.top + window.scrollY) };
      setPlace((known) => (known.width === next.width && known.top === next.top ? known : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    observer.observe(document.body);
    window.addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", measure);
    };
  }, [element]);
  return place;
}
