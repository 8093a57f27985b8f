import { useEffect, useRef, useState } from "react";
import { useBests } from "../../api/useBests";
import type { Job } from "../../api/useJobs";
import { Sparkline } from "../../charts/Sparkline";
import { bestSoFar } from "../../model/studies";
import { hasEnded } from "../../model/verdict";

/** The best accuracy over time. It is asked for when its card comes into view. */
export function BestLine({ job }: { job: Job }) {
  const [ref, seen] = useSeen();
  const bests = useBests(job.id, seen && job.best_trial_number !== null);
  const { values, title } = bestSoFar(bests.data ?? [], hasEnded(job.status));
  return (
    <div ref={ref} className="h-8 w-24">
      {values.length > 0 && <Sparkline values={values} title={title} width={96} height={32} />}
    </div>
  );
}

function useSeen(): [React.RefObject<HTMLDivElement | null>, boolean] {
  const ref = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (ref.current === null || seen) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
    });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [seen]);
  return [ref, seen];
}
