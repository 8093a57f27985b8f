import { createElement, memo, useMemo, useRef } from "react";
import type { Mark } from "./drawing";
import { flatPicture, pictureCentre } from "./flatPicture";
import { LINE_HEIGHT, type PlacedLabel } from "./labels";
import type { NetworkLayout } from "./types";
import { useFlatPointers } from "./useFlatPointers";
import { useSize } from "./useSize";
import type { View } from "./view";
import { labelLines } from "./words";

interface Props {
  layout: NetworkLayout;
  /** The colour of each block, by its key. */
  colours: ReadonlyMap<string, string>;
  view: View;
  onView: (view: View) => void;
  /** Key of the selected block. */
  selected: string | null;
  onPick: (key: string | null) => void;
  compact: boolean;
  /** Whether mouse and touch move the drawing. */
  movable: boolean;
}

/** The flat drawing of a network. Labels keep their size while the drawing is zoomed. */
export function NetworkSvg({ layout, colours, view, onView, selected, onPick, compact, movable }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const size = useSize(host);
  const { width, height } = size ?? { width: 0, height: 0 };
  const picture = useMemo(
    () => flatPicture({ layout, colours, view, width, height, selected, compact, lineColour: "var(--faint)" }),
    [layout, colours, view, width, height, selected, compact],
  );
  const { transform } = picture;
  const onClick = (target: Element) => onPick(target.closest("[data-block]")?.getAttribute("data-block") ?? null);
  const centre = pictureCentre(width, height, compact);
  const handlers = useFlatPointers(
    host,
    { clicks: !compact, moves: movable },
    { view, transform, onView, onClick, centre },
  );
  const titles = useMemo(
    () => new Map(layout.blocks.map((block) => [block.key, labelLines(block).join(", ")])),
    [layout],
  );
  return (
    <div ref={host} {...handlers} className={`absolute inset-0 ${movable ? "cursor-grab touch-none" : ""}`}>
      {size && (
        <svg width={width} height={height} aria-hidden="true" data-drawing="svg" className="block select-none">
          <g transform={`translate(${transform.x} ${transform.y}) scale(${transform.scale})`}>
            <Marks marks={picture.links} />
            {picture.blocks.map(({ key, marks }) => (
              <g key={key} data-block={key} className={compact ? undefined : "cursor-pointer"}>
                <title>{titles.get(key)}</title>
                <Marks marks={marks} frame={key === selected} />
              </g>
            ))}
          </g>
          {picture.labels.map((label) => (
            <Label key={label.key} label={label} />
          ))}
        </svg>
      )}
    </div>
  );
}

function Label({ label: { key, x, y, lines } }: { label: PlacedLabel }) {
  return (
    <text data-label={key} textAnchor="middle" fontSize="11" className="pointer-events-none">
      {lines.map((line, row) => (
        <tspan
          key={row}
          x={x}
          y={y + (row + 0.8) * LINE_HEIGHT}
          className={row === 0 ? "fill-main font-medium" : "fill-muted"}
        >
          {line}
        </tspan>
      ))}
    </text>
  );
}

/** Marks as elements of React. The selected ones have a thick line in the accent's colour. */
const Marks = memo(function Marks({ marks, frame = false }: { marks: readonly Mark[]; frame?: boolean }) {
  return marks.map(({ tag, attributes }, place) => {
    const named = Object.entries(attributes).map(([name, value]) => [camelCase(name), value]);
    const chosen = frame && "stroke" in attributes ? { stroke: "var(--accent)", strokeWidth: 3 } : {};
    return createElement(tag, { key: place, ...Object.fromEntries(named), ...chosen });
  });
});

const camelCase = (name: string): string => name.replace(/-(\w)/g, (_, sign: string) => sign.toUpperCase());
