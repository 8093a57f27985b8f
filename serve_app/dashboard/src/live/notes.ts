/** Notes, tags and stars in messages and answers. A message changes the fields that it names; all others stay. Pure. */
import type { StudyChange, TrialChange } from "../api/shapes";

interface Named {
  /** Names of the changed fields; absent: those that are there. */
  changed?: readonly string[];
}

function changes(change: object & Named, fields: readonly string[]): Record<string, unknown> {
  const given = change as Record<string, unknown>;
  const named = (field: string) => (change.changed === undefined ? field in change : change.changed.includes(field));
  const kept = fields.filter((field) => named(field) && given[field] !== undefined);
  return Object.fromEntries(kept.map((field) => [field, given[field]]));
}

/** A study's answer with what a message or a request changed. */
export function withStudyNotes<J extends object>(job: J, change: StudyChange & Named): J {
  return { ...job, ...changes(change, ["note", "tags", "concurrent_workers"]) };
}

/** A trial with what a message or a request changed. */
export function withTrialNotes<T extends object>(
  trial: T,
  change: TrialChange & { cancel_requested_at?: string | null } & Named,
): T {
  return { ...trial, ...changes(change, ["note", "starred", "cancel_requested_at"]) };
}
