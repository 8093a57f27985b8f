/** What messages change about the list of all studies. Pure. */
import type { FeedMessage } from "../api/generated/feed";
import type { StudyBrief } from "./types";

export function reduceStudies(
  known: readonly StudyBrief[] | undefined,
  messages: readonly FeedMessage[],
): readonly StudyBrief[] | undefined {
  let list = known;
  for (const message of messages) {
    if (message.type === "studies") list = message.studies;
    else if (message.type === "study_deleted") list = list?.filter((one) => one.name !== message.study);
    else if (list !== undefined && "study" in message && message.study !== null) {
      list = withMessage(list, message.study, message);
    }
  }
  return list;
}

function withMessage(list: readonly StudyBrief[], name: string, message: FeedMessage): readonly StudyBrief[] {
  const at = list.findIndex((one) => one.name === name);
  const before = at >= 0 ? list[at] : firstBrief(name, message);
  if (before === undefined) return list;
  const after = reduceBrief(before, message);
  if (at < 0) return [after, ...list];
  return after === before ? list : list.with(at, after);
}

/** A study that was not in the list: its first event makes it known. */
function firstBrief(name: string, message: FeedMessage): StudyBrief | undefined {
  if (!("sequence" in message) || !("time" in message)) return undefined;
  return {
    name,
    sequence: 0,
    cursor: message.cursor,
    status: "created",
    reason: null,
    created_at: message.time,
    started_at: null,
    completed_at: null,
    total_trials: 0,
    trials: {},
    best_trial_number: null,
    best_objective: null,
    cancel_requested_at: null,
    note: null,
    tags: [],
  };
}

function reduceBrief(brief: StudyBrief, message: FeedMessage): StudyBrief {
  if (message.type === "progress") {
    const { status, progress } = message;
    const cancel_requested_at = message.cancel_requested_at ?? brief.cancel_requested_at; // see reduceStudy
    const { total_trials } = progress;
    if (brief.completed_at !== null && status === "running") return brief; // older than the event that ended it
    const same = brief.status === status && brief.total_trials === total_trials;
    if (same && brief.cancel_requested_at === cancel_requested_at) return brief;
    return { ...brief, status, total_trials, cancel_requested_at };
  }
  if (!("sequence" in message) || message.sequence <= brief.sequence) return brief;
  const next = { ...brief, sequence: message.sequence, cursor: message.cursor };
  switch (message.type) {
    case "study_status": {
      const { status, reason, time } = message;
      const ended = status !== "created" && status !== "running";
      const started_at = status === "running" ? (brief.started_at ?? time) : brief.started_at;
      const cancel_requested_at = status === "created" ? null : brief.cancel_requested_at; // a resume forgets it
      return { ...next, status, reason, started_at, completed_at: ended ? time : null, cancel_requested_at };
    }
    case "trial_start":
      return { ...next, trials: moved(brief.trials, "running", 1) };
    case "trial_complete":
      return { ...next, trials: moved(moved(brief.trials, "running", -1), message.status, 1) };
    case "new_best":
      return { ...next, best_trial_number: message.trial_number, best_objective: message.objective };
    default:
      return next;
  }
}

function moved(trials: StudyBrief["trials"], status: string, by: number): StudyBrief["trials"] {
  const counts: Record<string, number> = trials;
  return { ...trials, [status]: Math.max(0, (counts[status] ?? 0) + by) };
}
