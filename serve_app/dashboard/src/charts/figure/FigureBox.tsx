import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from "react";
import { scrollHint } from "../../state/scrollHint";
import { CurveReadout } from "../CurveReadout";
import { type Box, useFigurePointer } from "./pointer";
import { movedSpot, type Spot } from "./spots";
import { useWidth } from "./useWidth";

export interface FigureSize {
  width: number;
  height: number;
}

export interface Drawn {
  /** Elements of an SVG drawing. Their colours are hexadecimal or `var(--name)` of the theme. */
  drawing: ReactNode;
  spots: readonly Spot[];
  /** What this size does not show, in a sentence. */
  note?: string;
}

interface Props {
  /** Accessible name of what is drawn. */
  title: string;
  /** What the keys do: "Arrow keys choose a trial". */
  keys: string;
  height: number;
  /** In a narrower window the figure scrolls sideways inside itself. */
  minWidth?: number;
  draw: (size: FigureSize) => Drawn;
  onOpen?: (id: Spot["id"]) => void;
  openText?: string;
  /** A rectangle was drawn by dragging, in pixels of the figure. */
  onBrush?: (box: Box, size: FigureSize) => void;
  /** Keys with a meaning of their own. What it returns is said; null: the key means nothing to it. */
  onKey?: (event: KeyboardEvent) => string | null;
}

/** A figure drawn as SVG: the pointer or the arrow keys choose a mark, a click or Enter opens it, a drag selects. */
export function FigureBox(props: Props) {
  const { title, keys, height, minWidth = 0, draw, onOpen, onKey } = props;
  const outer = useRef<HTMLDivElement>(null);
  const svg = useRef<SVGSVGElement>(null);
  const [chosen, setChosen] = useState<Spot["id"] | null>(null);
  const [said, setSaid] = useState("");
  const width = Math.max(useWidth(outer), minWidth);
  const size = useMemo(() => ({ width, height }), [width, height]);
  const { drawing, spots, note } = useMemo(() => (size.width > 0 ? draw(size) : NOTHING), [draw, size]);
  const place = useMemo(() => {
    const found = spots.findIndex(({ id }) => id === chosen);
    return found < 0 ? null : found;
  }, [spots, chosen]);
  const spot = place === null ? undefined : spots[place];
  const choose = (next: number | null) => {
    setSaid("");
    setChosen(next === null ? null : (spots[next]?.id ?? null));
  };
  const open = onOpen && ((at: number) => spots[at] && onOpen(spots[at].id));
  const { brush, ...pointer } = useFigurePointer(svg, spots, {
    onChoose: choose,
    onOpen: open,
    onBrush: props.onBrush && ((box) => props.onBrush?.(box, size)),
    chosen: place,
  });
  const press = (event: KeyboardEvent) => {
    const text = onKey?.(event) ?? null;
    if (text !== null) {
      event.preventDefault();
      setChosen(null);
      setSaid(text);
      return;
    }
    if (event.key === "Enter" && place !== null) return open?.(place);
    const next = movedSpot(spots, place, event.key);
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    choose(next);
  };
  const opens = onOpen ? `; Enter ${props.openText ?? "opens it"}` : "";
  return (
    <div ref={outer} className="min-w-0">
      <div
        ref={scrollHint}
        role="application"
        aria-roledescription="chart"
        aria-label={`${title}. ${keys}${opens}.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move in it
        tabIndex={0}
        onKeyDown={press}
        onBlur={() => {
          setChosen(null);
          setSaid("");
        }}
        className="scroll-hint focus-ring min-w-0 overflow-x-auto rounded-button"
      >
        <div className="relative" style={{ width: width || undefined, height: `${height}px` }}>
          <svg
            ref={svg}
            data-figure=""
            aria-hidden="true"
            width={width}
            height={height}
            viewBox={`0 0 ${width} ${height}`}
            fontFamily="system-ui, sans-serif"
            fontSize={11}
            className={`block touch-pan-y select-none ${props.onBrush ? "cursor-crosshair" : ""}`}
            {...pointer}
          >
            {drawing}
            {spot && <Ring spot={spot} />}
            {brush && (
              <rect
                x={brush.left}
                y={brush.top}
                width={brush.right - brush.left}
                height={brush.bottom - brush.top}
                fill="var(--accent)"
                fillOpacity={0.15}
                stroke="var(--accent)"
              />
            )}
          </svg>
          <CurveReadout
            text={spot?.text ?? said}
            color={spot?.color ?? "var(--accent)"}
            at={spot ? { x: spot.x + (spot.width ?? 0) / 2, y: spot.y } : said ? { x: 8, y: 34 } : null}
            width={width}
          />
        </div>
      </div>
      {note !== undefined && <p className="mt-1 text-[12px] text-muted">{note}</p>}
    </div>
  );
}

const NOTHING: Drawn = { drawing: null, spots: [] };

function Ring({ spot: { x, y, width, height } }: { spot: Spot }) {
  const look = { fill: "none", stroke: "var(--main)", strokeWidth: 2 };
  if (width === undefined || height === undefined) return <circle cx={x} cy={y} r={7} {...look} />;
  return <rect x={x} y={y} width={Math.max(2, width)} height={height} {...look} />;
}
