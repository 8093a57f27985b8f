import type { CurveAxis, CurveSeries, Place } from "./types";

interface Props {
  /** The chosen point in words; empty: none is chosen. */
  text: string;
  color: string | undefined;
  at: { x: number; y: number } | null;
  width: number;
}

/** A point in words: "Trial 17, epoch 4: 97.4 %, stopped early". */
export function pointText(series: readonly CurveSeries[], x: CurveAxis, y: CurveAxis, place: Place | null): string {
  const curve = series.find((one) => one.id === place?.id);
  const point = curve?.points[place?.index ?? -1];
  if (!curve || !point) return "";
  const text = `${curve.label}, ${x.label.toLowerCase()} ${x.format(point[0])}: ${y.format(point[1])}`;
  return curve.note ? `${text}, ${curve.note}` : text;
}

/** The chosen point beside itself, kept inside the chart; and for screen readers. */
export function CurveReadout({ text, color, at, width }: Props) {
  const right = at !== null && at.x > width / 2;
  return (
    <>
      <p aria-live="polite" className="sr-only">
        {text}
      </p>
      {text !== "" && at !== null && (
        <div
          aria-hidden="true"
          className="pointer-events-none absolute z-10 flex max-w-[70%] items-center gap-2 rounded-button border border-line bg-raised px-2 py-1 text-[12px]"
          style={{
            top: `${Math.max(0, at.y - 34)}px`,
            ...(right ? { right: `${Math.max(0, width - at.x + 8)}px` } : { left: `${at.x + 8}px` }),
          }}
        >
          <span className="size-2 shrink-0 rounded-full" style={{ backgroundColor: color }} />
          <span className="truncate">{text}</span>
        </div>
      )}
    </>
  );
}
