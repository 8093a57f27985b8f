import { bands, COLOUR_TITLES, type ColourBy, type Scale } from "../../network/colours";

/** What each colour means, in numbers. */
export function Legend({ by, scale, score }: { by: ColourBy; scale: Scale; score: string | null }) {
  return (
    <div data-legend={by} className="flex flex-wrap items-center gap-x-4 gap-y-1 text-[12px]">
      <span className="text-muted">
        {COLOUR_TITLES[by]}
        {by === "score" && score !== null ? `: ${score}` : ""}
      </span>
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
