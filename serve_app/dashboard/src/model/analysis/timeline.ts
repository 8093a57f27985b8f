/** When each worker trained which trial, and when it had nothing to do. */
import type { TrialRecord } from "../trialRecord";

export interface Span {
  number: number;
  status: string;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
}

export interface Lane {
  /** The machine; null: not recorded. */
  node: string | null;
  /** In order of time; they do not overlap. */
  spans: readonly Span[];
  /** Times without a trial between its first and the end of the study. */
  gaps: readonly Gap[];
}

export interface Gap {
  from: number;
  to: number;
  /** Number of the trial before it. */
  after: number;
}

export interface Timeline {
  lanes: readonly Lane[];
  from: number;
  to: number;
  /** Share of the lanes' time in which they trained, from 0 to 1; null: nothing trained. */
  busy: number | null;
  longest: (Gap & { lane: number }) | null;
  /** Trials that no worker began. */
  missing: number;
}

/** Workers that start a trial within this time are not idle. */
const SHORT_MS = 1_000;

/**
 * The database knows a trial's machine, not its worker: trials of one machine that overlap are on different lanes.
 *
 * @param endMs Until when running trials train: now, or the end of the study's run.
 */
export function timelineOf(trials: readonly TrialRecord[], endMs: number): Timeline {
  const spans: (Span & { node: string | null })[] = [];
  for (const trial of trials) {
    const from = Date.parse(trial.started_at ?? "");
    if (!Number.isFinite(from)) continue;
    const ended = Date.parse(trial.completed_at ?? "");
    const to = Number.isFinite(ended) ? ended : trial.status === "running" ? endMs : Number.NaN;
    if (!Number.isFinite(to)) continue;
    const node = trial.place === "runpod" ? (trial.node ?? "RunPod") : trial.node;
    spans.push({ number: trial.number, status: trial.status, from, to: Math.max(from, to), node });
  }
  spans.sort((one, other) => one.from - other.from || one.number - other.number);
  const lanes: { node: string | null; spans: Span[]; end: number }[] = [];
  for (const { node, ...span } of spans) {
    const free = lanes.filter((lane) => lane.node === node && lane.end <= span.from + SHORT_MS);
    // The lane that became free last: a worker goes on where it has just ended.
    const lane = free.reduce<(typeof lanes)[number] | null>(
      (one, other) => (one && one.end > other.end ? one : other),
      null,
    );
    if (lane) {
      lane.spans.push(span);
      lane.end = Math.max(lane.end, span.to);
    } else lanes.push({ node, spans: [span], end: span.to });
  }
  lanes.sort((one, other) => (one.node ?? "").localeCompare(other.node ?? "") || first(one) - first(other));
  const from = spans[0]?.from ?? endMs;
  const to = spans.reduce((latest, span) => Math.max(latest, span.to), from);
  return summed(lanes, from, to, trials.length - spans.length);
}

const first = (lane: { spans: readonly Span[] }) => lane.spans[0]?.from ?? 0;

function summed(found: readonly { node: string | null; spans: Span[] }[], from: number, to: number, missing: number) {
  let [trained, known] = [0, 0];
  let longest: Timeline["longest"] = null;
  const lanes = found.map(({ node, spans }, place): Lane => {
    const gaps: Gap[] = [];
    let end = first({ spans });
    let after = 0;
    known += to - end;
    for (const span of spans) {
      if (after > 0 && span.from - end > SHORT_MS) gaps.push({ from: end, to: span.from, after });
      trained += Math.max(0, span.to - Math.max(span.from, end));
      if (span.to >= end) after = span.number;
      end = Math.max(end, span.to);
    }
    if (to - end > SHORT_MS) gaps.push({ from: end, to, after });
    for (const gap of gaps) {
      if (longest === null || gap.to - gap.from > longest.to - longest.from) longest = { ...gap, lane: place };
    }
    return { node, spans, gaps };
  });
  return { lanes, from, to, busy: known > 0 ? trained / known : null, longest, missing };
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** Round times from 0 to a length in milliseconds, at most about `most`. */
export function linearTicks(lengthMs: number, most: number): number[] {
  const wanted = lengthMs / 1000 / Math.max(1, most);
  const day = 86_400;
  const step = STEPS_S.find((one) => one >= wanted) ?? Math.ceil(wanted / day) * day;
  return Array.from({ length: Math.floor(lengthMs / 1000 / step) + 1 }, (_, place) => place * step * 1000);
}
