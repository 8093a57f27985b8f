import type { HealthLine } from "../../model/trialCard";
import { Bar } from "../../parts";

/** Why a metric has no value, and what that changes. */
export const UNMEASURED = "Not measured, as after too few epochs: it counts as 50\u00a0%.";

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
              className={`text-right ${line.insufficient ? "text-muted" : ""}`}
              title={line.insufficient ? UNMEASURED : undefined}
            >
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
