/** Pages of trials in columns → trials, and their merging with what the feed told meanwhile. Pure. */
import type { FeedMessage } from "../api/generated/feed";
import { trialOf } from "./reduceStudy";
import { reduceTrial, unknownTrial } from "./reduceTrial";
import type { HealthMetrics, LiveStudy, LiveTrial } from "./types";
import type { ColumnsPage } from "./wire";

type Row = Readonly<Record<string, unknown>>;

/** The trials of one page. A column that the server does not send leaves its field at null. */
export function trialsOfPage(page: ColumnsPage): LiveTrial[] {
  const numbers = page.columns.trial_number ?? [];
  const names = Object.keys(page.columns);
  return numbers.map((_, at) => {
    const row: Record<string, unknown> = {};
    for (const name of names) row[name] = page.columns[name]?.[at] ?? null;
    return trialOfRow(row);
  });
}

function trialOfRow(row: Row): LiveTrial {
  const number = row.trial_number as number;
  const trial: LiveTrial = { ...unknownTrial(number), ...(pick(row, COPIED) as Partial<LiveTrial>) };
  return {
    ...trial,
    id: (row.trial_id as string | null) ?? "",
    performance: performanceOf(row),
    health_metrics: healthOf(row),
    hyperparameters: trial.hyperparameters ?? {},
    findings: trial.findings ?? [],
    starred: trial.starred ?? false,
    epochs_trained: trial.epochs_trained ?? 0,
  };
}

// biome-ignore format: one name a line says no more
const COPIED = [
  "status", "cause", "reason", "started_at", "completed_at", "duration_seconds", "overall_health", "objective",
  "best_epoch", "epochs_trained", "suggested_by", "place", "node", "queued_s", "stopped_by", "findings", "architecture",
  "outline", "hyperparameters", "note", "starred", "cancel_requested_at",
] as const satisfies readonly (keyof LiveTrial)[];

const HEALTH = [
  "overall_health",
  "neuron_utilization",
  "training_stability",
  "parameter_efficiency",
  "gradient_health",
  "convergence_quality",
  "accuracy_consistency",
] as const;

function pick(row: Row, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => name in row).map((name) => [name, row[name]]));
}

function performanceOf(row: Row): LiveTrial["performance"] {
  const { accuracy, loss, total_score } = row;
  if (typeof accuracy !== "number" || typeof loss !== "number" || typeof total_score !== "number") return null;
  return { accuracy, loss, total_score };
}

function healthOf(row: Row): HealthMetrics | null {
  if (HEALTH.some((name) => typeof row[name] !== "number")) return null;
  const insufficient = (row.insufficient as string[] | null | undefined) ?? [];
  return { ...(pick(row, HEALTH) as unknown as HealthMetrics), insufficient };
}

/**
 * The study with the trials of a page, which are the state after the event `page.sequence`.
 *
 * @param told All durable messages of the study since before the page was read: those after it are applied to its rows.
 */
export function withPage(study: LiveStudy, page: ColumnsPage, told: readonly FeedMessage[], last: boolean): LiveStudy {
  const later = new Map<number, FeedMessage[]>();
  for (const message of told) {
    const number = trialOf(message);
    if (number === null || !("sequence" in message) || message.sequence <= page.sequence) continue;
    later.set(number, [...(later.get(number) ?? []), message]);
  }
  const trials = new Map(study.trials);
  for (const row of trialsOfPage(page)) {
    const merged = (later.get(row.number) ?? []).reduce(reduceTrial, row);
    const known = study.trials.get(row.number);
    trials.set(row.number, known === undefined ? merged : withSamples(merged, known));
  }
  // Pages are read one after the other: all rows are at least as new as the first page.
  const rowsSequence = study.rowsSequence === 0 ? page.sequence : study.rowsSequence;
  return { ...study, trials, rowsSequence, loadedTrials: study.loadedTrials || last };
}

/** A row has no samples: what they told about a running trial stays. */
function withSamples(row: LiveTrial, known: LiveTrial): LiveTrial {
  if (row.status !== "running") return row;
  return { ...row, batch: known.batch, epochs: row.epochs ?? known.epochs, resources: known.resources };
}
