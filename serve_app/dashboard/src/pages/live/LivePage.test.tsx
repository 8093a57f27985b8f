// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keys } from "../../api/keys";
import { type LiveStudy, type LiveTrial, liveStore, type TrialStatus } from "../../live/store";
import LivePage from "./LivePage";

vi.mock("../../charts/Plot", () => ({ default: () => null }));
vi.mock("../../network/NetworkView", () => ({ default: () => null }));
vi.mock("../trials/TrialPanel", () => ({ default: () => null }));

const ID = "digits";
const STATUSES: TrialStatus[] = ["running", "completed", "pruned", "diverged", "rejected", "failed", "cancelled"];

function trial(number: number, status: TrialStatus): LiveTrial {
  const done = ["completed", "pruned"].includes(status);
  return {
    number,
    id: `t${number}`,
    status,
    started_at: "2026-11-29T10:00:00Z",
    completed_at: done ? "2026-11-29T10:01:00Z" : null,
    duration_seconds: done ? 60 : null,
    performance: done ? { accuracy: 0.9, loss: 0.3, total_score: 0.9 } : null,
    health_metrics: null,
    overall_health: null,
    objective: done ? 0.9 : null,
    best_epoch: done ? 2 : null,
    epochs_trained: done ? 2 : 0,
    cause: null,
    reason: status === "running" ? null : `it ${status}`,
    hyperparameters: {},
    suggested_by: null,
    place: null,
    node: null,
    queued_s: null,
    stopped_by: null,
    architecture: null,
    outline: null,
    findings: [],
    note: null,
    starred: false,
    cancel_requested_at: null,
    batch: null,
    epochs: null,
    resources: null,
  };
}

function study(status: LiveStudy["status"], changes: Partial<LiveStudy> = {}): LiveStudy {
  const trials = new Map(STATUSES.map((one, place) => [place + 1, trial(place + 1, one)]));
  return {
    id: ID,
    sequence: 10,
    cursor: "10",
    status,
    reason: status === "failed" ? "the data set has one class" : null,
    mode: "simple",
    objectives: ["val_accuracy"],
    created_at: "2026-11-29T10:00:00Z",
    started_at: null,
    completed_at: null,
    cancel_requested_at: null,
    best_trial_number: null,
    best_objective: null,
    test_accuracy: null,
    test_loss: null,
    baseline: null,
    progress: {
      trials_performed: 5,
      total_trials: 8,
      running_trials: 1,
      completed_trials: 1,
      failed_trials: 2,
      pruned_trials: 1,
      rejected_trials: 1,
      cancelled_trials: 0,
      best_trial_number: null,
      best_accuracy: null,
      best_total_score: null,
      average_duration_per_trial: null,
      current_epoch: null,
      total_epochs: null,
      epoch_progress: null,
      elapsed_time: 12,
      eta: null,
      saved_s: null,
      waiting_for: null,
      running: [],
    },
    trials,
    loadedTrials: true,
    rowsSequence: 10,
    curves: new Map(),
    staleSince: null,
    ...changes,
  };
}

function show(of: LiveStudy | undefined, importance?: object, spec: object = {}) {
  liveStore.setState({ study: of });
  const client = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } },
  });
  if (importance) client.setQueryData(keys.importance(ID), importance);
  client.setQueryData(keys.job(ID), { spec: { accuracy_weight: 0.7, ...spec } });
  const curves = [{ trial_number: 2, epochs: [1, 2], values: [0.5, 0.9] }];
  client.setQueryData(keys.curves(ID, "val_accuracy"), { metric: "val_accuracy", sequence: 10, trials: curves });
  return render(
    <QueryClientProvider client={client}>
      <LivePage id={ID} />
    </QueryClientProvider>,
  );
}

const best = { best_trial_number: 2, best_objective: 0.9, baseline: null } satisfies Partial<LiveStudy>;

beforeEach(() => window.history.replaceState(null, "", `/s/${ID}`));
afterEach(cleanup);

describe("in every status", () => {
  const statuses: LiveStudy["status"][] = ["created", "running", "interrupted", "completed", "failed", "cancelled"];
  for (const status of statuses) {
    for (const found of [{}, best]) {
      test(`${status}, ${"best_objective" in found ? "with" : "without"} a best trial`, () => {
        const { container } = show(study(status, found));
        const text = container.textContent ?? "";
        expect(text).not.toMatch(/NaN|Infinity|null|undefined|\[object/);
        expect(screen.getByText("Verdict")).toBeTruthy();
        expect(screen.getByText(/5 of 8/, { selector: "div" })).toBeTruthy();
      });
    }
  }

  test("a study that has not arrived is loading, not blank", () => {
    show(undefined);
    expect(screen.getByText("Loading")).toBeTruthy();
  });

  test("a failed start shows its reason and where to go on", () => {
    show(study("failed"));
    expect(screen.getByText(/The study failed: the data set has one class/)).toBeTruthy();
    expect(screen.getByText("Run again with changes").getAttribute("href")).toBe("/new?from=digits");
  });
});

test("a study that its time ended has a full bar, and says that another trial was more accurate", () => {
  const scored = (number: number, accuracy: number, overall_health: number) =>
    [
      number,
      { ...trial(number, "completed"), overall_health, performance: { accuracy, loss: 0.1, total_score: 0.9 } },
    ] as const;
  const trials = new Map<number, LiveTrial>([scored(2, 0.98, 0.98), scored(3, 0.99, 0.88), [4, trial(4, "cancelled")]]);
  const health = { ...best, mode: "health", objectives: ["total_score"], trials } as const;
  show(study("completed", health), undefined, { time_budget_s: 120 });
  expect(screen.getByText(/more accurate/).textContent).toBe(
    "Trial 3 was more accurate (99.0\u00a0% of the validation samples), but less healthy (88\u00a0% instead of 98\u00a0%). ",
  );
  expect(screen.getByRole("progressbar", { name: "5 trials performed" }).getAttribute("aria-valuenow")).toBe("100");
  expect(screen.getByText(/, and 1 more that was cancelled$/)).toBeTruthy();
  expect(screen.queryByText(/5 of 8/)).toBe(null);
});

test("what is not drawn is said with links", () => {
  show(study("running", best));
  const missing = screen.getByText(/of 7 trials are not drawn/);
  expect(missing.textContent).toContain("1 diverged");
  expect(screen.getByText("1 diverged").getAttribute("href")).toBe("/s/digits?trial=4");
});

test("a row shows its batches as they come", () => {
  const running = study("running");
  show(running);
  const batch = { epoch: 1, epochs: 4, batch: 37, batches: 50, loss: 0.5, accuracy: 0.8 };
  const trials = new Map(running.trials).set(1, { ...trial(1, "running"), batch });
  liveStore.setState({ study: { ...running, trials } });
  return screen.findByText("Epoch 1 of 4, 74 %");
});

describe("several objectives", () => {
  const scored = (number: number, accuracy: number, overall_health: number): LiveTrial => ({
    ...trial(number, "completed"),
    objective: accuracy,
    overall_health,
    performance: { accuracy, loss: 0.1, total_score: accuracy },
  });
  const trials = new Map(
    [scored(2, 0.99, 0.94), scored(3, 0.979, 0.97), scored(5, 0.97, 0.95)].map((one) => [one.number, one]),
  );
  const pareto = { ...best, mode: "pareto", objectives: ["val_accuracy", "overall_health"], trials } as const;

  test("the front is drawn, said in words with links, and listed in a table", () => {
    const { container } = show(study("completed", pareto));
    const panel = container.querySelector<HTMLElement>("[data-panel=pareto-front]");
    expect(panel?.textContent).toContain("2 of 3 trials are on the Pareto front: trial 2 and trial 3.");
    const chart = screen.getByRole("application", { name: /^Validation accuracy by overall health/ });
    fireEvent.keyDown(chart, { key: "ArrowRight" });
    fireEvent.keyDown(chart, { key: "ArrowLeft" });
    expect(panel?.textContent).toContain("Trial 5: validation accuracy 97.0\u00a0%, overall health 95.0\u00a0%");
    fireEvent.keyDown(chart, { key: "Enter" });
    expect(window.location.search).toBe("?trial=5");
    const details = panel?.querySelector("details") as HTMLDetailsElement;
    details.open = true;
    fireEvent(details, new Event("toggle"));
    expect([...details.querySelectorAll("td a")].map((link) => link.getAttribute("href"))).toEqual([
      "/s/digits?trial=2",
      "/s/digits?trial=3",
      "/s/digits?trial=5",
    ]);
  });

  test("a study with one objective has no front", () => {
    const { container } = show(study("completed", best));
    expect(container.querySelector("[data-panel=pareto-front]")).toBeNull();
  });
});

test("what decided has a direction and the best trial's value; too few trials say how to see it", () => {
  const progress = { ...study("completed").progress, completed_trials: 12 };
  const trials = new Map(
    Array.from({ length: 12 }, (_, place) => {
      const hyperparameters = { batch_size: 16 * (place + 1) };
      const one: LiveTrial = { ...trial(place + 1, "completed"), objective: -place, hyperparameters };
      return [one.number, one] as const;
    }),
  );
  const importance = { importance: { batch_size: 0.9 }, trials_used: 12, reason: null };
  show(study("completed", { ...best, progress, trials }), importance);
  expect(screen.getByText("Lower values did better; the best trial has 32.")).toBeTruthy();
  cleanup();
  show(study("completed", best));
  expect(screen.getByText(/Search ten or more networks to see it/)).toBeTruthy();
});

test("the values of the curves are in the address, and arrow keys read them", () => {
  show(study("running", best));
  const chart = screen.getByRole("application");
  fireEvent.keyDown(chart, { key: "ArrowDown" });
  expect(screen.getAllByText("Trial 2, epoch 2: 90.0 %, best").length).toBeGreaterThan(0);
  fireEvent.keyDown(chart, { key: "Enter" });
  expect(window.location.search).toBe("?trial=2");
});
