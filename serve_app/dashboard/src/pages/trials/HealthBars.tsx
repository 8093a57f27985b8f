import type { HealthLine } from "../../model/trialCard";
import { Bar } from "../../parts";

/** Overall health and its six metrics as whole percents, each with a bar. */
export function HealthBars({ lines }: { lines: readonly HealthLine[] }) {
  return (
    <dl className="grid grid-cols-[max-content_minmax(1.5rem,1fr)_max-content] items-center gap-x-2 gap-y-1 text-[12px]">
      {lines.map((line, place) => (
        <div key={line.label} className="contents">
          <dt className={place === 0 ? "font-medium" : "text-muted"}>{line.label}</dt>
          <dd className="contents">
            <Bar share={line.share} label={line.label} tone={tone(line.share)} />
            <span
              className="text-right"
              title={line.insufficient ? "Too few epochs to measure it: it counts as 50 %." : undefined}
            >
              {line.insufficient ? "~" : ""}
              {line.text}
            </span>
            {line.note !== undefined && <span className="col-span-3 mb-1 text-warn">{line.note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function tone(share: number | null): "good" | "warn" | "bad" | "muted" {
  if (share === null) return "muted";
  return share >= 0.8 ? "good" : share >= 0.6 ? "warn" : "bad";
}
