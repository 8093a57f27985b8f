import { describe, expect, it } from "vitest";
import { studyOfJob } from "./fromJob";
import { FIRST, JOB, LATER, NAME, only, PAGE } from "./recorded";
import { reduceStudies } from "./reduceStudies";
import { reduceStudy } from "./reduceStudy";
import { trialsOfPage, withPage } from "./rows";
import { type LiveState, liveStore, withConnection, withJob, withMessages, withRows } from "./store";
import type { LiveStudy } from "./types";

const loaded = (): LiveStudy => withPage(studyOfJob(JOB, undefined, PAGE.sequence), PAGE, [], true);
const opened = (): LiveState => ({ ...liveStore.getInitialState(), opened: NAME, loading: true });

describe("a page of columns", () => {
  it("becomes trials; a running one has no scores", () => {
    const [first, second] = trialsOfPage(PAGE);
    expect(first).toMatchObject({ number: 1, status: "completed", performance: { accuracy: 0.9, loss: 0.3 } });
    expect(first?.health_metrics?.gradient_health).toBe(0.9);
    expect(first?.outline).toHaveLength(5);
    expect(second).toMatchObject({ number: 2, status: "running", performance: null, health_metrics: null });
  });

  it("knows which health metrics were not measured, whatever their values are", () => {
    const columns = { ...PAGE.columns, gradient_health: [0.5, null], insufficient: [["convergence_quality"], null] };
    const [trial] = trialsOfPage({ ...PAGE, columns });
    expect(trial?.health_metrics?.insufficient).toEqual(["convergence_quality"]);
  });

  it("leaves fields at null that an older server does not send", () => {
    const columns = { trial_number: [7], status: ["completed"] };
    const [trial] = trialsOfPage({ ...PAGE, columns });
    expect(trial).toMatchObject({ number: 7, hyperparameters: {}, findings: [], outline: null, performance: null });
  });
});

describe("a study", () => {
  it("follows the events to its end", () => {
    const study = reduceStudy(loaded(), [...FIRST, ...LATER]);
    expect(study).toMatchObject({ status: "cancelled", best_trial_number: 2, test_accuracy: 0.9, sequence: 16 });
    expect(study.trials.get(2)).toMatchObject({ status: "completed", batch: null });
    expect(study.trials.get(3)).toMatchObject({ status: "running", id: "running-00003" });
    expect(study.trials.get(3)?.outline).toHaveLength(5);
    expect(study.curves.get(2)?.map((one) => one.epoch)).toEqual([2]);
    expect(study.progress.completed_trials).toBe(only("progress").progress.completed_trials + 1);
  });

  it("applies each event once, as after a resume that repeats some", () => {
    const once = reduceStudy(loaded(), [...FIRST, ...LATER]);
    expect(reduceStudy(once, LATER)).toBe(once);
  });

  it("shows samples of a running trial until its epoch ends", () => {
    const sampled = reduceStudy(loaded(), [only("batch_progress"), only("resource_sample")]);
    expect(sampled.trials.get(2)?.batch).toMatchObject({ epoch: 2, batch: 40, batches: 1000 });
    expect(sampled.trials.get(2)?.resources?.cpu_percent).toBe(55);
    const after = reduceStudy(sampled, [only("epoch_progress"), only("batch_progress")]);
    expect(after.trials.get(2)?.batch?.batch).toBe(1000); // a late sample of the epoch that ended changes nothing
    expect(after.trials.get(2)).toMatchObject({ epochs_trained: 2, epochs: 3 });
  });

  it("keeps the identity of what did not change", () => {
    const before = loaded();
    const after = reduceStudy(before, [only("batch_progress")]);
    expect(after.trials.get(1)).toBe(before.trials.get(1));
    expect(after.curves).toBe(before.curves);
    expect(reduceStudy(before, [{ type: "alive" }])).toBe(before);
  });

  it("ignores samples of trials that it does not know", () => {
    const before = loaded();
    expect(reduceStudy(before, [{ ...only("batch_progress"), trial_number: 99 }]).trials.has(99)).toBe(false);
  });

  it("tells a requested cancel in the list, and forgets it when a resume was accepted", () => {
    const at = "2026-11-29T12:00:00Z";
    const cancelling = reduceStudies(undefined, [...FIRST, { ...only("progress"), cancel_requested_at: at }]);
    const older = reduceStudies(cancelling, [{ ...only("progress"), cancel_requested_at: null }]);
    expect(older?.[0]?.cancel_requested_at).toBe(at);
    const resumed = { ...only("study_status"), sequence: 99, status: "created" as const, reason: null };
    expect(reduceStudies(older, [resumed])?.[0]).toMatchObject({ status: "created", cancel_requested_at: null });
  });

  it("tells a requested cancel, and forgets it when a resume was accepted", () => {
    const at = "2026-11-29T12:00:00Z";
    const cancelling = reduceStudy(loaded(), [{ ...only("progress"), cancel_requested_at: at }]);
    expect(cancelling).toMatchObject({ status: "running", cancel_requested_at: at });
    const older = reduceStudy(cancelling, [{ ...only("progress"), cancel_requested_at: null }]);
    expect(older.cancel_requested_at).toBe(at);
    const resumed = reduceStudy(cancelling, [{ ...only("study_status"), status: "created", reason: null }]);
    expect(resumed).toMatchObject({ status: "created", cancel_requested_at: null, completed_at: null });
  });
});

describe("opening a study while events arrive", () => {
  it("gives the same, whatever comes first", () => {
    const told = [...FIRST, ...LATER];
    const late = withMessages(withRows(withJob(opened(), JOB), NAME, PAGE, true), told);
    const early = withRows(withJob(withMessages(opened(), told), JOB), NAME, PAGE, true);
    expect(early.study?.trials.get(2)).toMatchObject({ status: "completed" });
    for (const number of [1, 2, 3]) {
      // What samples told is only known to a page that got them.
      const {
        batch: _,
        resources: __,
        epochs: ___,
        node: ____,
        ...one
      } = early.study?.trials.get(number) ?? { number: -1 };
      expect(late.study?.trials.get(number)).toMatchObject(one);
    }
    expect(early.study).toMatchObject({ status: "cancelled", best_trial_number: 2, loadedTrials: true });
    expect(early.told).toEqual([]);
  });

  it("never goes back to an older state of a trial when its row is newer than an event", () => {
    const rows = { ...PAGE, sequence: 16, columns: { ...PAGE.columns, status: ["completed", "failed"] } };
    const state = withRows(withJob(opened(), JOB), NAME, rows, true);
    expect(withMessages(state, LATER).study?.trials.get(2)?.status).toBe("failed");
  });

  it("keeps what is shown while the study is read anew", () => {
    const full = withMessages(withRows(withJob(opened(), JOB), NAME, PAGE, true), FIRST);
    const again = withJob({ ...full, loading: true, told: [] }, JOB);
    expect(again.study?.trials.size).toBe(2);
    expect(again.study?.curves.size).toBe(1);
  });

  it("notices that it was deleted", () => {
    const state = withMessages(opened(), [{ type: "study_deleted", study: NAME }]);
    expect(state.deleted).toBe(true);
  });
});

describe("stale data", () => {
  it("is marked with the time of the last message, and no more after a reconnection", () => {
    const state = withJob(opened(), JOB);
    const stale = withConnection(state, { kind: "stale", since: 5 });
    expect(stale.study?.staleSince).toBe(5);
    expect(stale.study?.trials).toBe(state.study?.trials);
    expect(withConnection(stale, { kind: "live" }).study?.staleSince).toBeNull();
    expect(withConnection(state, { kind: "reconnecting", since: 5, retryAt: 9 }).study?.staleSince).toBeNull();
  });
});

describe("the list of studies", () => {
  it("follows the events of each study", () => {
    const list = reduceStudies(undefined, [...FIRST, ...LATER]);
    expect(list).toHaveLength(1);
    expect(list?.[0]).toMatchObject({ name: NAME, status: "cancelled", best_trial_number: 2, sequence: 16 });
    expect(list?.[0]?.trials).toMatchObject({ completed: 2 });
  });

  it("puts a new study first, and drops a deleted one", () => {
    const status = { ...only("study_status"), study: "new", sequence: 1, status: "created" as const };
    const list = reduceStudies(reduceStudies(undefined, FIRST), [status]);
    expect(list?.map((one) => one.name)).toEqual(["new", NAME]);
    expect(reduceStudies(list, [{ type: "study_deleted", study: "new" }])?.map((one) => one.name)).toEqual([NAME]);
  });

  it("does nothing before the list is known", () => {
    expect(reduceStudies(undefined, LATER)).toBeUndefined();
  });
});

describe("a progress sample that was on its way when the study ended", () => {
  it("does not bring the study back to life", () => {
    const ended = reduceStudy(loaded(), [...FIRST, ...LATER]);
    expect(reduceStudy(ended, [only("progress")]).status).toBe("cancelled");
    const list = reduceStudies(undefined, [...FIRST, ...LATER, only("progress")]);
    expect(list?.[0]?.status).toBe("cancelled");
  });
});
