/**
 * Keeps the answers of the HTTP API up to date without asking again: an event is written into the answers that it
 * changes. Only what an event does not tell is read anew: a trial after its end, a study after its end, after a gap or
 * after a lost connection.
 */
import type { QueryClient } from "@tanstack/react-query";
import type { FeedMessage } from "../api/generated/feed";
import type { components } from "../api/generated/openapi";
import { keys } from "../api/keys";
import { withStudyNotes, withTrialNotes } from "./notes";

type Job = components["schemas"]["Job"];
type JobDetail = components["schemas"]["JobDetail"];
type Best = components["schemas"]["Best"];
type JobsPage = components["schemas"]["Page_Job_"];

export function patchAnswers(client: QueryClient, messages: readonly FeedMessage[]): void {
  const outdated = new Set<string>();
  for (const message of messages) {
    if (message.type === "studies") readAfterGap(client, outdated);
    if (!("study" in message) || message.study === null) continue;
    const id = message.study;
    if (message.type === "progress" && message.status === "interrupted" && !isInterrupted(client, id)) outdated.add(id);
    client.setQueryData<JobDetail>(keys.job(id), (job) => (job === undefined ? job : patchedDetail(job, message)));
    client.setQueryData<JobsPage>(keys.jobs, (page) => (page === undefined ? page : patchedPage(page, id, message)));
    if (message.type === "new_best") {
      const { sequence, time, trial_number, objective, performance } = message;
      client.setQueryData<Best[]>(keys.bests(id), (bests) =>
        bests === undefined || (bests.at(-1)?.sequence ?? 0) >= sequence
          ? bests
          : [...bests, { sequence, time, trial_number, objective, performance }],
      );
    }
    if (message.type === "trial_changed") {
      client.setQueryData<object>(keys.trial(id, message.trial_number), (trial) =>
        trial === undefined ? trial : withTrialNotes(trial, message),
      );
    }
    if (message.type === "study_deleted") client.removeQueries({ queryKey: keys.job(id) });
    else if (message.type === "trial_complete")
      void client.invalidateQueries({ queryKey: keys.trial(id, message.trial_number), exact: true });
    else if (message.type === "study_status") {
      if (message.status !== "running") outdated.add(id);
      if (!isListed(client, id)) void client.invalidateQueries({ queryKey: keys.jobs, exact: true });
    }
  }
  for (const id of outdated) void client.invalidateQueries({ queryKey: keys.job(id), predicate: isNoTrial });
}

/** Changes a study in every answer that has it. */
export function patchAnswer(client: QueryClient, id: string, change: <J extends Job>(job: J) => J): void {
  client.setQueryData<JobDetail>(keys.job(id), (job) => (job === undefined ? job : change(job)));
  client.setQueryData<JobsPage>(keys.jobs, (page) =>
    page === undefined ? page : { ...page, items: page.items.map((job) => (job.id === id ? change(job) : job)) },
  );
}

/** The log follows its file by itself; a trial's answers changed at its own end. */
function isNoTrial(query: { queryKey: readonly unknown[] }): boolean {
  return !["trial", "log", "space", "fresh"].includes(String(query.queryKey[2]));
}

let listedOnce = false;

/** The first list comes with the page; a later one means that events may have been missed. */
function readAfterGap(client: QueryClient, outdated: Set<string>): void {
  if (!listedOnce) {
    listedOnce = true;
    return;
  }
  for (const query of client.getQueryCache().findAll({ queryKey: ["job"] })) outdated.add(String(query.queryKey[1]));
  void client.invalidateQueries({ queryKey: keys.jobs, exact: true });
}

/** Reads anew, after a lost connection, what no event tells, and whatever could not be read while it was lost. */
export function readAfterLoss(client: QueryClient): void {
  void client.invalidateQueries({
    predicate: ({ queryKey, state }) =>
      state.status === "error" || queryKey[0] === keys.jobs[0] || (queryKey[0] === "job" && queryKey.length === 2),
  });
}

function isInterrupted(client: QueryClient, id: string): boolean {
  return client.getQueryData<JobDetail>(keys.job(id))?.status === "interrupted";
}

function isListed(client: QueryClient, id: string): boolean {
  const page = client.getQueryData<JobsPage>(keys.jobs);
  return page === undefined || page.items.some((one) => one.id === id);
}

function patchedPage(page: JobsPage, id: string, message: FeedMessage): JobsPage {
  if (message.type === "study_deleted") return { ...page, items: page.items.filter((one) => one.id !== id) };
  const at = page.items.findIndex((one) => one.id === id);
  const before = page.items[at];
  if (before === undefined) return page;
  const after = patchedJob(before, message);
  return after === before ? page : { ...page, items: page.items.with(at, after) };
}

function patchedDetail(job: JobDetail, message: FeedMessage): JobDetail {
  switch (message.type) {
    case "data_read":
      return { ...job, data: message.data.report as JobDetail["data"] };
    case "baseline_fitted":
      return { ...job, baseline: message.baseline as JobDetail["baseline"] };
    default:
      return patchedJob(job, message);
  }
}

/** A study's answer after a message; the same object if nothing changed. */
export function patchedJob<J extends Job>(job: J, message: FeedMessage): J {
  switch (message.type) {
    case "study_status": {
      const { status, reason, time } = message;
      const ended = status !== "created" && status !== "running";
      return {
        ...job,
        status,
        reason,
        started_at: status === "running" ? (job.started_at ?? time) : job.started_at,
        completed_at: ended ? time : null,
        cancel_requested_at: status === "created" ? null : job.cancel_requested_at,
      };
    }
    case "progress": {
      const { status } = message;
      if (job.completed_at !== null && status === "running") return job; // older than the event that ended it
      const cancel_requested_at = message.cancel_requested_at ?? job.cancel_requested_at;
      return { ...job, status, cancel_requested_at, progress: message.progress as J["progress"] };
    }
    case "new_best": {
      const { accuracy, total_score } = message.performance;
      const best = { best_trial_number: message.trial_number, best_accuracy: accuracy, best_total_score: total_score };
      const progress = { ...job.progress, ...best };
      return { ...job, best_trial_number: message.trial_number, best_objective: message.objective, progress };
    }
    case "best_model":
      return { ...job, test_accuracy: message.test_accuracy, test_loss: message.test_loss };
    case "study_changed":
      return withStudyNotes(job, message);
    default:
      return job;
  }
}
