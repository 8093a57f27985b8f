import { bands, type ColourBy, legendTitle, type Scale } from "../../network/colours";

/** What each colour means, in numbers. `score` of the trial, in [0, 1]; null: not known yet. */
export function Legend({ by, scale, score }: { by: ColourBy; scale: Scale; score: number | null }) {
  return (
    <div data-legend={by} className="flex flex-wrap items-center gap-x-4 gap-y-1 text-[12px]">
      <span className="text-muted">{legendTitle(by, score)}</span>
      <ul className="flex flex-wrap gap-x-4 gap-y-1">
        {bands(by, scale).map(({ colour, label }) => (
          <li key={label} className="flex items-center gap-1.5">
            <span aria-hidden="true" className="size-3 rounded-[3px]" style={{ background: colour }} />
            {label}
          </li>
        ))}
      </ul>
    </div>
  );
}
