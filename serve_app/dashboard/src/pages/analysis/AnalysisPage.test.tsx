// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keys } from "../../api/keys";
import { type LiveStudy, type LiveTrial, liveStore } from "../../live/store";
import { exampleTrial } from "../../model/trialExample";
import AnalysisPage from "./AnalysisPage";

vi.mock("../trials/TrialPanel", () => ({
  default: ({ number }: { number: number }) => <p>Panel of trial {number}</p>,
}));

const ID = "digits";
const TITLES = [
  "Importance",
  "What to try next",
  "Parallel coordinates",
  "Slice",
  "Contour",
  "Pareto front",
  "Rungs",
  "Timeline",
  "Training problems",
];
const NONSENSE = /\b(NaN|Infinity|null|undefined)\b/;

function trialOf(number: number, changes: Partial<LiveTrial> = {}): LiveTrial {
  const accuracy = 0.6 + 0.3 * ((number * 7) % 11) * 0.1;
  return {
    ...(exampleTrial({
      number,
      objective: accuracy,
      performance: { accuracy, loss: 1 - accuracy, total_score: accuracy },
      started_at: `2026-11-23T10:${String(number).padStart(2, "0")}:00Z`,
      completed_at: `2026-11-23T10:${String(number + 1).padStart(2, "0")}:10Z`,
      hyperparameters: {
        learning_rate: 0.001 * number,
        optimizer: number % 2 ? "adam" : "sgd",
        layers: 1 + (number % 3),
      },
    }) as unknown as LiveTrial),
    stopped_by: null,
    outline: null,
    batch: null,
    resources: null,
    overall_health: null,
    ...changes,
  };
}

const stopped = { scheduler: "asha", rung: 1, value: 0.5, cutoff: 0.6, rank: 3, of: 4 };
const failed = { performance: null, objective: null, completed_at: null, started_at: null };
const TRIALS = [
  ...Array.from({ length: 14 }, (_, place) => trialOf(place + 1)),
  trialOf(15, { status: "pruned", stopped_by: stopped, epochs_trained: 3 }),
  trialOf(16, { ...failed, status: "failed", cause: "out_of_memory", reason: "no memory left" }),
  trialOf(17, { status: "running", completed_at: null }),
];

function studyOf(trials: readonly LiveTrial[]): LiveStudy {
  const count = (wanted: string) => trials.filter(({ status }) => status === wanted).length;
  return {
    id: ID,
    sequence: 1,
    cursor: "1",
    status: "completed",
    mode: "simple",
    objectives: ["val_accuracy"],
    completed_at: "2026-11-23T11:00:00Z",
    best_trial_number: 11,
    progress: {
      completed_trials: count("completed"),
      pruned_trials: count("pruned"),
      running_trials: 0,
      total_trials: 20,
    },
    trials: new Map(trials.map((trial) => [trial.number, trial])),
    loadedTrials: true,
    curves: new Map(),
  } as unknown as LiveStudy;
}

const STEP = {
  what: "Train longer",
  why: "The best epoch was the last one.",
  how: ["`tuner resume digits trials=+10`"],
};

function show(
  trials: readonly LiveTrial[] | undefined,
  explain: object = { trial: null, all_trials: null, measured: true, next_steps: [STEP] },
  shares: Record<string, number> = { learning_rate: 0.8, optimizer: 0.2 },
) {
  liveStore.setState({ study: trials && studyOf(trials) });
  const client = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } },
  });
  const importance = {
    importance: shares,
    reason: null,
    trials_used: 15,
    evaluator: "",
  };
  client.setQueryData(keys.importance(ID), importance);
  for (const metric of ["val_accuracy", "val_loss", "parameter_count", "training_time"]) {
    client.setQueryData([...keys.importance(ID), metric], importance);
  }
  client.setQueryData(keys.space(ID), {
    exact: true,
    parameters: [
      { name: "learning_rate", kind: "float", low: 0.0001, high: 0.1, log: true, choices: null, when: {} },
      { name: "optimizer", kind: "choice", low: null, high: null, log: false, choices: ["adam", "sgd"], when: {} },
    ],
  });
  client.setQueryData(keys.job(ID), { spec: { scheduler: "asha" }, rungs: [{ number: 1, at: 3, unit: "epoch" }] });
  client.setQueryData(keys.curves(ID, "val_accuracy"), { trials: [{ trial_number: 1, epochs: [3], values: [0.8] }] });
  client.setQueryData([...keys.job(ID), "explain"], explain);
  return render(
    <QueryClientProvider client={client}>
      <AnalysisPage id={ID} />
    </QueryClientProvider>,
  );
}

const panel = (title: string) => screen.getByRole("region", { name: title });
const selected = () => screen.getByRole("status").getAttribute("data-selected");
const figure = (title: string) => within(panel(title)).getByRole("application");

beforeEach(() => {
  window.history.replaceState(null, "", `/s/${ID}/analysis`);
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, value: 900 });
});
afterEach(cleanup);

describe("the page", () => {
  test("has an answer in words in every panel", () => {
    show(TRIALS);
    for (const title of TITLES) {
      expect(panel(title).textContent?.length).toBeGreaterThan(60);
      expect(panel(title).textContent).not.toMatch(NONSENSE);
    }
    expect(panel("Importance").textContent).toContain("Learning rate mattered most for validation accuracy");
    expect(panel("Rungs").textContent).toContain("It stopped 1 of 17 trials early");
    expect(panel("What to try next").textContent).toContain("First: train longer.");
    expect(panel("Training problems").textContent).toContain("out of memory");
    expect(panel("Slice").textContent).toContain("1 failed");
  });
  test("has a table and files for each figure", () => {
    show(TRIALS);
    for (const title of TITLES.filter((one) => one !== "What to try next")) {
      const one = within(panel(title));
      expect(one.getByText("Show as a table")).toBeTruthy();
      for (const name of ["Picture (PNG)", "Vector (SVG)", "Table (CSV)"])
        expect(one.getByRole("button", { name })).toBeTruthy();
    }
  });
  test("says why there is nothing yet", () => {
    show([
      trialOf(1, { status: "running", performance: null, objective: null, completed_at: null, duration_seconds: null }),
    ]);
    expect(screen.getByText("No trial has a result yet.")).toBeTruthy();
    cleanup();
    show([]);
    expect(screen.getByText("No trial has started yet.")).toBeTruthy();
    cleanup();
    show(undefined);
    expect(screen.getByText("Loading")).toBeTruthy();
  });
  test("does not call hyperparameters important while their importance is not known", () => {
    const hyperparameters = (number: number) =>
      Object.fromEntries(Array.from({ length: 13 }, (_, place) => [`setting_${place}`, number + place]));
    const trials = [1, 2, 3].map((number) => trialOf(number, { hyperparameters: hyperparameters(number) }));
    show(trials, undefined, {});
    expect(panel("Parallel coordinates").textContent).toContain("The first 11 hyperparameters are drawn");
    expect(panel("Parallel coordinates").textContent).not.toContain("most important");
  });
  test("opens the report in a new tab, and saves it", () => {
    show(TRIALS);
    const open = screen.getByRole("link", { name: "Open the report" });
    expect([open.getAttribute("href"), open.getAttribute("target")]).toEqual([`/jobs/${ID}/report`, "_blank"]);
    const save = screen.getByRole("link", { name: "Save the report" });
    expect(save.getAttribute("href")).toBe(`/jobs/${ID}/report?download=true`);
    expect(save.getAttribute("download")).toBe("digits-report.html");
  });
  test("works with one trial, and without answers about next steps", () => {
    show([trialOf(1)], { trial: null, all_trials: null, measured: false });
    expect(panel("What to try next").textContent).toContain("This server does not tell it");
    expect(panel("Importance").textContent).toContain("1 trial has a result");
    expect(document.body.textContent).not.toMatch(NONSENSE);
  });
});

describe("the selection", () => {
  test("of the address holds for all panels and leads to the list", () => {
    window.history.replaceState(null, "", `/s/${ID}/analysis?trials=hp.optimizer:adam`);
    show(TRIALS);
    expect(selected()).toBe("8");
    expect(panel("Parallel coordinates").textContent).toContain("Of 8 trials");
    const link = screen.getByRole("link", { name: "Show these 8 trials" });
    expect(link.getAttribute("href")).toBe(`/s/${ID}/trials?trials=hp.optimizer%3Aadam`);
    act(() => fireEvent.click(screen.getByRole("button", { name: "Remove: Optimizer adam" })));
    expect(window.location.search).toBe("");
    expect(selected()).toBe("16");
  });
  test("is made by keys on an axis, moved, and removed", () => {
    show(TRIALS);
    const box = figure("Parallel coordinates");
    act(() => fireEvent.keyDown(box, { key: "ArrowUp" }));
    expect(new URLSearchParams(window.location.search).get("trials")).toMatch(/^hp\.learning_rate:0\.017\d*\.\.$/);
    expect(selected()).toBe("0");
    for (let press = 0; press < 6; press += 1) act(() => fireEvent.keyDown(box, { key: "ArrowDown" }));
    expect(Number(selected())).toBeGreaterThan(0);
    act(() => fireEvent.keyDown(box, { key: "Delete" }));
    expect(selected()).toBe("16");
    act(() => fireEvent.keyDown(box, { key: "ArrowRight" }));
    act(() => fireEvent.keyDown(box, { key: "ArrowDown" }));
    expect(new URLSearchParams(window.location.search).get("trials")).toBe("hp.optimizer:adam");
  });
  test("comes from a drag on an axis too", () => {
    show(TRIALS);
    const svg = figure("Parallel coordinates").querySelector("svg") as SVGSVGElement;
    svg.setPointerCapture = () => {};
    const at = (clientX: number, clientY: number) => ({
      clientX,
      clientY,
      pointerType: "mouse",
      button: 0,
      pointerId: 1,
    });
    act(() => fireEvent.pointerDown(svg, at(30, 60)));
    act(() => fireEvent.pointerMove(svg, at(38, 100)));
    act(() => fireEvent.pointerMove(svg, at(38, 250)));
    act(() => fireEvent.pointerUp(svg, at(38, 250)));
    expect(window.location.search).toContain("hp.learning_rate");
  });
  test("comes from a problem", () => {
    show(TRIALS);
    act(() => fireEvent.click(screen.getByRole("button", { name: /Select .* with: Failed: out of memory/ })));
    expect(new URLSearchParams(window.location.search).get("trials")).toBe("trial_number:16");
    expect(selected()).toBe("1");
  });
});

test("another result and other axes stand in the address", () => {
  window.history.replaceState(
    null,
    "",
    `/s/${ID}/analysis?result=duration_seconds&slice=hp.layers&across=hp.layers&up=hp.optimizer`,
  );
  show(TRIALS);
  expect(panel("Slice").textContent).toContain("How does duration depend on layers?");
  expect(panel("Contour").textContent).toContain("Which layers goes well with which optimizer?");
});

test("Enter opens the chosen trial", async () => {
  show(TRIALS);
  const box = figure("Slice");
  act(() => fireEvent.keyDown(box, { key: "Home" }));
  act(() => fireEvent.keyDown(box, { key: "Enter" }));
  expect(await screen.findByText("Panel of trial 1")).toBeTruthy();
});
