import { type KeyboardEvent, lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { CurveReadout } from "./CurveReadout";
import type { Frame } from "./options";
import type { CurveId, CurveLevel, CurvePoint, CurveSeries, Place } from "./types";

const Plot = lazy(() => import("./Plot"));
const NONE: readonly CurveLevel[] = [];

interface Props {
  title: string;
  /** What the arrow keys do: "Up and down choose a curve, left and right a point". */
  keys: string;
  series: readonly CurveSeries[];
  frame: Frame;
  levels?: readonly CurveLevel[];
  line?: readonly CurvePoint[];
  height: number;
  highlighted?: CurveId | null;
  onHighlight?: (id: CurveId | null) => void;
  onOpen?: (id: CurveId) => void;
  openText?: string;
  /** Where a key leads; undefined: it means nothing here. */
  moved: (series: readonly CurveSeries[], place: Place | null, key: string) => Place | null | undefined;
  /** A point in words; empty for none. */
  text: (place: Place | null) => string;
}

/** The drawn part of a chart with its keys: the pointer or the arrow keys choose a point, a click or Enter opens it. */
export function Chart(props: Props) {
  const { series, frame, levels = NONE, line, height, highlighted = null, onHighlight, onOpen } = props;
  const [chosen, setChosen] = useState<Place | null>(null);
  const [at, setAt] = useState<{ x: number; y: number } | null>(null);
  const box = useRef<HTMLDivElement>(null);
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
    const next = props.moved(series, place, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setChosen(next);
  };
  const opens = onOpen ? `; Enter ${props.openText ?? "opens it"}` : "";
  return (
    <div
      ref={box}
      role="application"
      aria-roledescription="chart"
      aria-label={`${props.title}. ${props.keys}${opens}.`}
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
          line={line}
          height={height}
          highlighted={highlighted}
          place={place}
          onPlace={setChosen}
          onPoint={setAt}
          onOpen={onOpen && ((to: Place) => onOpen(to.id))}
        />
      </Suspense>
      <CurveReadout
        text={props.text(place)}
        color={series.find((curve) => curve.id === id)?.color}
        at={at}
        width={box.current?.clientWidth ?? 0}
      />
    </div>
  );
}
