/** What a time budget changes in the words about a study: the time then decides how many trials there are. Pure. */
import { count, duration } from "./format";
import { plural } from "./sentence";

const USED_UP = /^time budget of (\S+) s used up$/;

type Ended = { status: string; reason: string | null };

/** Whether the study is completed because its time budget is used up. */
export function endedByTime(study: Ended): boolean {
  return usedUpSeconds(study) !== null;
}

/** Why the study is completed: "Its time of 2 min is used up"; null: for another reason, or it is not completed. */
export function usedUpText(study: Ended): string | null {
  const seconds = usedUpSeconds(study);
  return seconds === null ? null : `Its time of ${duration(seconds)} is used up`;
}

function usedUpSeconds({ status, reason }: Ended): number | null {
  const seconds = Number(USED_UP.exec(reason ?? "")?.[1]);
  return status === "completed" && Number.isFinite(seconds) ? seconds : null;
}

/** "6 of 40 trials"; if the time decides how many there are, only "6 trials". */
export function trialsDone(performed: number, total: number, timed: boolean): string {
  return timed ? plural(performed, "trial") : `${count(performed)} of ${plural(total, "trial")}`;
}

/**
 * The share of a study that is done, in [0, 1]: of its trials, or of its time budget; null: not known.
 *
 * @param budgetS The time budget in seconds; null: the study has none.
 */
export function shareDone(
  study: {
    status: string;
    progress: { trials_performed: number; total_trials: number; elapsed_time: number; eta: number | null };
  },
  budgetS: number | null,
): number | null {
  const { trials_performed: performed, total_trials: total, elapsed_time: elapsed, eta } = study.progress;
  if (budgetS === null) return total > 0 ? Math.min(1, performed / total) : null;
  if (study.status === "completed") return 1;
  const share = eta === null ? elapsed / budgetS : 1 - eta / budgetS;
  return Math.min(1, Math.max(0, share));
}
