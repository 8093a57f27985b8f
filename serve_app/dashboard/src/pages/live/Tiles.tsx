import { Link } from "wouter";
import { useJob } from "../../api/useJob";
import { type LiveStudy, useLiveStudyPart } from "../../live/store";
import { time } from "../../model/format";
import { overBudgetText, type TileText, tiles, times } from "../../model/tiles";
import { shareDone, trialsDone } from "../../model/timeBudget";
import { hasEnded } from "../../model/verdict";
import { Bar, Tile } from "../../parts";
import type { StudyHead } from "./useStudyHead";

/** Trials of an ended study that were cancelled with it: they do not count, and a resume continues them. */
function cancelledOnTop(study: LiveStudy): number {
  if (!hasEnded(study.status) || !study.loadedTrials) return 0;
  let cancelled = 0;
  for (const trial of study.trials.values()) if (trial.status === "cancelled") cancelled += 1;
  return Math.max(0, cancelled - study.progress.cancelled_trials);
}

/** The four numbers of a study, with its times. */
export function Tiles({ head }: { head: StudyHead }) {
  const spec = useJob(head.id).data?.spec;
  const weight = spec?.accuracy_weight ?? null;
  const budgetS = spec?.time_budget_s ?? null;
  const cancelled = useLiveStudyPart(head.id, cancelledOnTop) ?? 0;
  const shown = tiles(head, head.mode === "simple" ? null : weight, { timed: budgetS !== null, cancelled });
  const { trials_performed: performed, total_trials: total } = head.progress;
  const over = overBudgetText(head, budgetS);
  return (
    <section aria-label="Numbers" className="flex flex-col gap-3">
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {shown.map((tile) => (
          <LinkedTile key={tile.label} tile={tile} />
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-[12px] text-muted">
        <Bar
          share={shareDone(head, budgetS)}
          label={`${trialsDone(performed, total, budgetS !== null)} performed`}
          className="min-w-24 flex-1"
          tone={head.status === "completed" ? "good" : "accent"}
        />
        {times(head).map(({ label, value }) => (
          <span key={label}>
            {label}: <span className="font-medium text-main">{value}</span>
          </span>
        ))}
        {over !== null && <span>{over}</span>}
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
