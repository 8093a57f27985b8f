import { Trophy } from "lucide-react";

const LOOK = "inline-flex h-5 shrink-0 items-center gap-1 rounded-full px-2 text-[12px] font-medium whitespace-nowrap";

/** Marks of a trial among all trials of its study. */
export function Marks({ best, front }: { best: boolean; front: boolean }) {
  return (
    <>
      {best && (
        <span data-mark="best" className={`${LOOK} bg-good-soft text-good`} title="The best trial of the study">
          <Trophy aria-hidden="true" className="size-3" />
          Best
        </span>
      )}
      {front && (
        <span
          data-mark="front"
          className={`${LOOK} bg-accent-soft text-accent`}
          title="On the Pareto front: no other trial beats it in one objective without losing in another"
        >
          Front
        </span>
      )}
    </>
  );
}
