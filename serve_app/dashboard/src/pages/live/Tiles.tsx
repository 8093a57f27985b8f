import { Link } from "wouter";
import { useJob } from "../../api/useJob";
import { time } from "../../model/format";
import { type TileText, tiles, times } from "../../model/tiles";
import { Bar, Tile } from "../../parts";
import type { StudyHead } from "./useStudyHead";

/** The four numbers of a study, with its times. */
export function Tiles({ head }: { head: StudyHead }) {
  const weight = useJob(head.id).data?.spec.accuracy_weight ?? null;
  const shown = tiles(head, head.mode === "simple" ? null : weight);
  const { trials_performed: performed, total_trials: total } = head.progress;
  return (
    <section aria-label="Numbers" className="flex flex-col gap-3">
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {shown.map((tile) => (
          <LinkedTile key={tile.label} tile={tile} />
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-[12px] text-muted">
        <Bar
          share={total > 0 ? performed / total : null}
          label={`${performed} of ${total} trials performed`}
          className="min-w-24 flex-1"
          tone={head.status === "completed" ? "good" : "accent"}
        />
        {times(head).map(({ label, value }) => (
          <span key={label}>
            {label}: <span className="font-medium text-main">{value}</span>
          </span>
        ))}
        {head.staleSince !== null && (
          <span className="rounded-button bg-warn-soft px-2 py-0.5 text-warn">
            As of {time(new Date(head.staleSince).toISOString())}
          </span>
        )}
      </div>
    </section>
  );
}

function LinkedTile({ tile }: { tile: TileText }) {
  const part = (
    <Tile
      label={tile.label}
      value={tile.value}
      note={<span className="block min-h-9 whitespace-normal xl:min-h-[18px]">{tile.note}</span>}
      className="h-full"
    />
  );
  if (tile.href === undefined) return part;
  return (
    <Link href={tile.href} className="focus-ring rounded-panel hover:[&>div]:border-accent">
      {part}
    </Link>
  );
}
