import { useBests } from "../../api/useBests";
import type { Job } from "../../api/useJobs";
import { Sparkline } from "../../charts/Sparkline";
import { bestSoFar } from "../../model/studies";
import { hasEnded } from "../../model/verdict";

/** The best accuracy over time. It is asked for when its card has come into view. */
export function BestLine({ job, seen }: { job: Job; seen: boolean }) {
  const bests = useBests(job.id, seen && job.best_trial_number !== null);
  const { values, title } = bestSoFar(bests.data ?? [], hasEnded(job.status));
  return (
    <div className="h-8 w-24">
      {values.length > 0 && <Sparkline values={values} title={title} width={96} height={32} />}
    </div>
  );
}
