import { type KeyboardEvent, lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { CurveReadout } from "./CurveReadout";
import { CurvesTable } from "./CurvesTable";
import { moved, xBounds, yBounds } from "./geometry";
import type { Frame } from "./options";
import type { CurveAxis, CurveLevel, CurvesProps, Place } from "./types";

const Plot = lazy(() => import("./Plot"));

export const EPOCHS: CurveAxis = { label: "Epoch", format: String, low: 1 };
const NONE: readonly CurveLevel[] = [];

/**
 * Curves over epochs. The pointer or the arrow keys choose a curve and a point; a click, a second tap or Enter opens it.
 * A table below says the same. The page says in a sentence what the curves show.
 */
export function Curves(props: CurvesProps) {
  const { title, series, y, x = EPOCHS, levels = NONE, height = 280, highlighted = null, onHighlight, onOpen } = props;
  const [chosen, setChosen] = useState<Place | null>(null);
  const [at, setAt] = useState<{ x: number; y: number } | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const frame: Frame = useMemo(
    () => ({ x, y, xBounds: xBounds(series, x), yBounds: yBounds(series, y, levels) }),
    [series, x, y, levels],
  );
  const place = useMemo(() => (series.some((curve) => curve.id === chosen?.id) ? chosen : null), [series, chosen]);
  const id = place?.id ?? null;
  const told = useRef(id);
  useEffect(() => {
    if (told.current === id) return;
    told.current = id;
    onHighlight?.(id);
  }, [id, onHighlight]);

  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" && place !== null && onOpen) return onOpen(place.id);
    const next = moved(series, place, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setChosen(next);
  };
  const opens = onOpen ? `; Enter ${props.openText ?? "opens it"}` : "";
  return (
    <figure className="min-w-0">
      <div
        ref={box}
        role="application"
        aria-roledescription="chart"
        aria-label={`${title}. Up and down choose a curve, left and right a point${opens}.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move in it
        tabIndex={0}
        onKeyDown={press}
        onBlur={() => setChosen(null)}
        className="focus-ring relative rounded-button"
        style={{ minHeight: `${height}px` }}
      >
        <Suspense fallback={<div style={{ height: `${height}px` }} className="rounded-button bg-sunken/50" />}>
          <Plot
            frame={frame}
            series={series}
            levels={levels}
            height={height}
            highlighted={highlighted}
            place={place}
            onPlace={setChosen}
            onPoint={setAt}
            onOpen={onOpen && ((to: Place) => onOpen(to.id))}
          />
        </Suspense>
        <CurveReadout series={series} x={x} y={y} place={place} at={at} width={box.current?.clientWidth ?? 0} />
      </div>
      <CurvesTable title={title} series={series} x={x} y={y} />
    </figure>
  );
}
