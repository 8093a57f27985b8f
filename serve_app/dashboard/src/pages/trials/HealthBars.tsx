import type { HealthLine } from "../../model/trialCard";
import { Bar } from "../../parts";

/** Overall health and its six metrics as whole percents, each with a bar. */
export function HealthBars({ lines }: { lines: readonly HealthLine[] }) {
  return (
    <dl className="flex flex-col gap-1 text-[12px]">
      {lines.map((line, place) => (
        <div key={line.label} className="grid grid-cols-[minmax(0,1fr)_30%_3.25rem] items-center gap-2">
          <dt className={`truncate ${place === 0 ? "font-medium" : "text-muted"}`}>{line.label}</dt>
          <dd className="contents">
            <Bar share={line.share} label={line.label} tone={tone(line.share)} />
            <span
              className="text-right"
              title={line.insufficient ? "Too few epochs to measure it: it counts as 50 %." : undefined}
            >
              {line.insufficient ? "~" : ""}
              {line.text}
            </span>
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
