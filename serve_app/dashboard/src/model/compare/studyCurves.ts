/** The best accuracy so far of several studies, over their time or over their trials. */
import { duration, percent } from "../format";
import { listed } from "../sentence";

export type Over = "time" | "trials";

export interface BestPoint {
  /** ISO time. */
  time: string;
  trial_number: number;
  performance: { accuracy: number } | null;
}

export interface StudyCourse {
  id: string;
  started_at: string | null;
  completed_at: string | null;
  /** Trials that have ended. */
  performed: number;
  /** Who led, in order. */
  bests: readonly BestPoint[];
}

export type Step = readonly [x: number, accuracy: number];

/**
 * The accuracy of the leading trial as steps. x: seconds since the study started, or numbers of trials. The line goes on
 * to the end of the study, or to `nowMs` while it runs.
 */
export function bestSteps(course: StudyCourse, over: Over, nowMs: number): Step[] {
  const start = course.started_at === null ? Number.NaN : Date.parse(course.started_at);
  const steps: Step[] = [];
  let level: number | null = null;
  for (const best of course.bests) {
    const accuracy = best.performance?.accuracy;
    const x = over === "trials" ? best.trial_number : (Date.parse(best.time) - start) / 1000;
    if (accuracy === undefined || !Number.isFinite(accuracy) || !Number.isFinite(x)) continue;
    // Trials end in another order than they start: no step goes back.
    const at = Math.max(x, steps[steps.length - 1]?.[0] ?? 0);
    if (level !== null) steps.push([at, level]);
    steps.push([at, accuracy]);
    level = accuracy;
  }
  if (level === null) return steps;
  const last = steps[steps.length - 1]?.[0] ?? 0;
  const ended = course.completed_at === null ? nowMs : Date.parse(course.completed_at);
  const end = over === "trials" ? course.performed : (ended - start) / 1000;
  if (Number.isFinite(end) && end > last) steps.push([end, level]);
  return steps;
}

/** "a reached its best, 97.4 %, after 3 min; b 96.0 % after 40 s. b has no result." */
export function stepsSentence(curves: readonly { id: string; steps: readonly Step[] }[], over: Over): string {
  const reached = curves.flatMap(({ id, steps }) => {
    const top = steps.reduce<Step | null>((best, step) => (best === null || step[1] > best[1] ? step : best), null);
    return top === null ? [] : [{ id, x: top[0], accuracy: top[1] }];
  });
  if (reached.length === 0) return "None of these studies has a result yet.";
  reached.sort((one, other) => other.accuracy - one.accuracy);
  const parts = reached.map(({ id, x, accuracy }) => {
    const when = over === "trials" ? `with trial ${x}` : `after ${duration(x)}`;
    return `${id} ${percent(accuracy)} ${when}`;
  });
  const without = curves.filter(({ steps }) => steps.length === 0).map(({ id }) => id);
  const rest = without.length > 0 ? ` ${listed(without)} ${without.length === 1 ? "has" : "have"} no result yet.` : "";
  return `Highest validation accuracy of a leading trial: ${listed(parts)}.${rest}`;
}
