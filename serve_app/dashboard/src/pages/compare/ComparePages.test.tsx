// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, fireEvent, render, screen, within } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "../../api/client";
import { keys } from "../../api/keys";
import { type LiveStudy, type LiveTrial, liveStore } from "../../live/store";
import { exampleTrial } from "../../model/trialExample";
import HistoryPage from "../history/HistoryPage";
import CompareStudiesPage from "./CompareStudiesPage";
import CompareTrialsPage from "./CompareTrialsPage";

configure({ asyncUtilTimeout: 15_000 }); // a busy machine is many times slower than an idle one

/** The client takes the browser's fetch when it is loaded, so this one stands there before. */
vi.hoisted(() => {
  globalThis.fetch = (() => Promise.reject(new Error("no server"))) as typeof fetch;
});

function trial(number: number, accuracy: number | null, changes: Partial<LiveTrial> = {}): LiveTrial {
  const live = { overall_health: null, stopped_by: null, outline: [], batch: null, resources: null };
  const notes = { note: null, starred: false, cancel_requested_at: null };
  const performance = accuracy === null ? null : { accuracy, loss: 1 - accuracy, total_score: accuracy };
  return { ...exampleTrial({ number, performance, objective: accuracy }), ...live, ...notes, ...changes } as LiveTrial;
}

const TRIALS = [
  trial(1, 0.9, { hyperparameters: { units: 32, optimizer: "adam" } }),
  trial(2, 0.95, { hyperparameters: { units: 64, optimizer: "adam" } }),
  trial(3, null, { status: "failed", reason: "ValueError: no" }),
];
const LAYERS = (units: number) => [
  { layer_id: "input", layer_type: "InputLayer", output_shape: [8, 8, 1], parameters: 0 },
  { layer_id: "dense", layer_type: "Dense", output_shape: [units], parameters: units * 64, units },
];
const epoch = (number: number, val_accuracy: number) => ({
  epoch: number,
  train_loss: 0.1,
  train_accuracy: 0.9,
  val_loss: 0.2,
  val_accuracy,
  objective: val_accuracy,
});

function job(id: string, changes: object = {}): object {
  return {
    id,
    status: "completed",
    dataset: "digits",
    mode: "simple",
    objectives: ["val_accuracy"],
    best: null,
    baseline: null,
    created_at: "2026-11-20T10:00:00Z",
    started_at: "2026-11-20T10:00:00Z",
    completed_at: "2026-11-20T10:10:00Z",
    best_trial_number: 2,
    test_accuracy: 0.94,
    data: null,
    cancel_requested_at: null,
    note: null,
    tags: [],
    front: [2],
    spec: { run_name: id, dataset: "digits", seed: 1, trials: 8 },
    progress: {
      best_accuracy: 0.95,
      trials_performed: 8,
      total_trials: 8,
      elapsed_time: 600,
      average_duration_per_trial: 75,
      completed_trials: 8,
      pruned_trials: 0,
      running_trials: 0,
      running: [],
    },
    ...changes,
  };
}

const missing = (detail: string) => Promise.reject(new ApiError(404, detail));

function show(content: ReactNode, address: string): void {
  window.history.replaceState(null, "", address);
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY, queryFn: () => missing("none") } },
  });
  client.setQueryData(keys.job("digits"), job("digits"));
  client.setQueryData(keys.job("other"), job("other", { test_accuracy: 0.9, spec: { seed: 1, trials: 20 } }));
  client.setQueryData(keys.jobs, {
    items: [
      job("digits", { tags: ["course"] }),
      job("other", { created_at: "2026-11-19T10:00:00Z", test_accuracy: 0.9 }),
    ],
    next_cursor: null,
  });
  for (const id of ["digits", "other"]) {
    const best = { time: "2026-11-20T10:01:00Z", trial_number: 2, performance: { accuracy: 0.95 } };
    client.setQueryData(keys.bests(id), [best]);
  }
  for (const { number, ...one } of TRIALS) {
    client.setQueryData(keys.trial("digits", number), {
      ...one,
      trial_number: number,
      trial_id: one.id,
      curves: number === 3 ? [] : [epoch(1, 0.8), epoch(2, 0.9)],
      visualization: number === 3 ? null : { layers: LAYERS(number * 32), total_parameters: 1 },
      jobs: [],
    });
  }
  render(<QueryClientProvider client={client}>{content}</QueryClientProvider>);
}

beforeEach(() => {
  const known = { id: "digits", sequence: 9, mode: "simple", status: "completed", objectives: ["val_accuracy"] };
  const trials = new Map(TRIALS.map((one) => [one.number, one]));
  const progress = { completed_trials: 2, pruned_trials: 0 };
  const study = { ...known, best_trial_number: 2, trials, curves: new Map(), progress, loadedTrials: true };
  liveStore.setState({ opened: "digits", study: study as unknown as LiveStudy });
});
afterEach(cleanup);

const panel = (name: string) => within(document.querySelector<HTMLElement>(`[data-panel=${name}]`) as HTMLElement);

test("without a choice in the address the best two trials are compared", () => {
  show(<CompareTrialsPage id="digits" />, "/s/digits/compare");
  expect(screen.getByText(/These are the best two so far/)).toBeTruthy();
  expect(document.body.textContent).toMatch(/Trial 2 is better: its validation accuracy 95\.0.%/);
  expect(document.body.textContent).toContain("They differ only in units (64 and 32).");
});

test("rows that do not differ are shown on demand, and the address says so", () => {
  show(<CompareTrialsPage id="digits" />, "/s/digits/compare?t=1,2");
  expect(panel("side-by-side").queryByText("Optimizer")).toBe(null);
  fireEvent.click(screen.getByLabelText("Equal rows too"));
  expect(panel("side-by-side").getByText("Optimizer")).toBeTruthy();
  expect(window.location.search).toContain("all=1");
  expect(panel("layers").getByText("InputLayer", { selector: "tr[data-kind=same] td:first-child p" })).toBeTruthy();
});

test("a trial without a result says why, and makes no nonsense", () => {
  show(<CompareTrialsPage id="digits" />, "/s/digits/compare?t=1,2,3&all=1");
  expect(panel("why-they-ended").getByText("ValueError: no.")).toBeTruthy();
  expect(document.body.textContent).toContain("Trial 3 (failed) has no result.");
  expect(document.body.textContent).not.toMatch(/\b(NaN|undefined|null|Infinity)\b/);
});

test("one trial asks for a second one", () => {
  show(<CompareTrialsPage id="digits" />, "/s/digits/compare?t=1");
  expect(screen.getByText("One trial is chosen")).toBeTruthy();
  fireEvent.change(screen.getByLabelText("Add a trial to the comparison"), { target: { value: "2" } });
  expect(new URLSearchParams(window.location.search).get("t")).toBe("1,2");
});

test("two studies: the better one, what differs, and the steps over trials", () => {
  show(<CompareStudiesPage />, "/compare?s=digits,other&over=trials");
  expect(document.body.textContent).toMatch(/digits found the better network: test accuracy 94\.0.%/);
  expect(panel("side-by-side").getByText("Trials")).toBeTruthy();
  expect(panel("best-so-far").getByText(/with trial 2/)).toBeTruthy();
});

test("one study asks for a second one", () => {
  show(<CompareStudiesPage />, "/compare?s=digits");
  expect(screen.getByText("One study is chosen")).toBeTruthy();
});

test("the history says whether the latest study is better, filters by tag, and compares", () => {
  show(<HistoryPage />, "/history");
  expect(document.body.textContent).toMatch(
    /The latest, digits, is 4\.0 percentage points better than the best before it, other/,
  );
  fireEvent.click(screen.getByLabelText("Compare digits"));
  fireEvent.click(screen.getByLabelText("Compare other"));
  expect(screen.getByRole("link", { name: "Compare 2 studies" }).getAttribute("href")).toBe(
    "/compare?s=digits%2Cother",
  );
  fireEvent.click(screen.getByRole("button", { name: "Show the studies with the tag course" }));
  expect(document.querySelectorAll("tr[data-study]").length).toBe(1);
  expect(window.location.search).toContain("tag=course");
});
