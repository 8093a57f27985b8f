// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type LiveStudy, type LiveTrial, liveStore } from "../../live/store";
import { exampleTrial } from "../../model/trialExample";
import TrialPanel from "./TrialPanel";

configure({ asyncUtilTimeout: 15_000 }); // a busy machine is many times slower than an idle one

/** The client takes the browser's fetch when it is loaded, so this one stands there before. */
const server = vi.hoisted(() => {
  const held: { asked: string[]; answers: Record<string, unknown> } = { asked: [], answers: {} };
  globalThis.fetch = ((request: Request) => {
    const { pathname, search } = new URL(request.url);
    held.asked.push(pathname + search);
    const body = held.answers[pathname];
    const problem = { detail: "study 'digits' has no trial 9", remedy: "GET /jobs/{id}/trials" };
    const init = { status: body === undefined ? 404 : 200, headers: { "Content-Type": "application/json" } };
    return Promise.resolve(new Response(JSON.stringify(body ?? problem), init));
  }) as typeof fetch;
  return held;
});

function trial(number: number, changes: Partial<LiveTrial> = {}): LiveTrial {
  const live = { overall_health: null, stopped_by: null, outline: null, batch: null, resources: null };
  return { ...exampleTrial({ number }), ...live, ...changes } as LiveTrial;
}

const FINDING = {
  name: "dying_units",
  epoch: 2,
  evidence: "41 % of block1_conv's filters are dead",
  layer_id: "block1_conv",
  hopeless: false,
  remedy: "lower the learning rate (now learning_rate=0.1)",
};
const TRIALS = [
  trial(1),
  trial(2, {
    status: "failed",
    cause: "error",
    reason: "ValueError: no",
    performance: null,
    findings: [FINDING] as never,
  }),
  trial(3, { status: "failed", cause: "error", reason: "ValueError: other", performance: null }),
  trial(4, { status: "running", cause: null, reason: null, hyperparameters: { optimizer: "sgd", learning_rate: 0.1 } }),
];
const LAYER = { layer_id: "dense", layer_type: "Dense", input_shape: [64], output_shape: [10], parameters: 650 };

function detail(number: number, changes: object = {}): object {
  const { id, ...rest } = TRIALS[number - 1] as LiveTrial;
  const absent = { error: null, devices: null, visualization: null, why_local: null, values: {} };
  const resources = { samples: 3, cpu_percent: { mean: 95, peak: 180 }, memory_bytes: null };
  return { ...rest, trial_id: id, trial_number: number, curves: [], jobs: [], resources, ...absent, ...changes };
}

function study(trials = TRIALS): void {
  const known = { id: "digits", sequence: 9, mode: "simple", objectives: ["val_accuracy"], best_trial_number: 1 };
  const maps = { trials: new Map(trials.map((one) => [one.number, one])), curves: new Map() };
  liveStore.setState({ opened: "digits", study: { ...known, ...maps, loadedTrials: true } as unknown as LiveStudy });
}

function show(number: number, tab = ""): HTMLElement {
  window.history.replaceState(null, "", `/s/digits/trials?trial=${number}${tab && `&tab=${tab}`}`);
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 1e9 } } })}>
      <TrialPanel id="digits" number={number} onClose={() => {}} />
    </QueryClientProvider>,
  );
  return screen.getByRole("dialog", { name: `Trial ${number}` });
}

const panel = (name: string) => within(document.querySelector(`[data-panel="${name}"]`) as HTMLElement);

beforeEach(() => {
  server.asked = [];
  server.answers = {};
  study();
});
afterEach(cleanup);

test("the story of a failed trial: its last lines, what to do, and who else failed so", async () => {
  const error = "Traceback (most recent call last):\n  line\nValueError: no\n";
  server.answers["/jobs/digits/trials/2"] = detail(2, { error });
  show(2);
  expect(await screen.findByText(/Traceback \(most recent call last\)/)).toBeTruthy();
  expect(panel("why-it-was-chosen").getByText(/TPE/)).toBeTruthy();
  expect(panel("why-it-ended").getByText(/Read the last line of the traceback/)).toBeTruthy();
  const others = panel("why-it-ended").getByRole("link", { name: "1 other failed for the same reason" });
  expect(others.getAttribute("href")).toBe("/s/digits/trials?status=failed&cause=error");
  expect(panel("training-problems").getByText("Epoch 2: dying units in block1_conv")).toBeTruthy();
  expect(panel("training-problems").getByText(/Lower the learning rate/)).toBeTruthy();
  expect(panel("resources-and-cost").getByText("95 % on average, 180 % at most")).toBeTruthy();
});

test("a trial that does not exist says so", async () => {
  show(9);
  expect(await screen.findByText("This study has no trial 9.")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Show all trials" }).getAttribute("href")).toBe("/s/digits/trials");
  expect(screen.queryByText(/filtered|GET/)).toBeNull();
});

test("parameters stand beside those of the best trial and the searched range, differences marked", async () => {
  server.answers["/jobs/digits/trials/4"] = detail(4);
  const range = { key: "learning_rate", name: "learning_rate", meaning: "", kind: "float", log: true, choices: null };
  server.answers["/jobs/digits/space"] = {
    parameters: [{ ...range, low: 0.001, high: 0.3, when: { optimizer: ["sgd"] } }],
  };
  show(4, "parameters");
  expect(await screen.findByText("0.001 to 0.3, logarithmic")).toBeTruthy();
  expect([...document.querySelectorAll("tr[data-differs] th")].map((head) => head.textContent)).toEqual([
    "Optimizer",
    "Learning rate",
    "Kernel size",
  ]);
  expect(screen.getByText(/3 of 3 values differ/)).toBeTruthy();
});

test("the network's layers are a list, which selects", async () => {
  const visualization = { type: "cnn", layers: [LAYER], total_parameters: 650, health_indicators: null };
  server.answers["/jobs/digits/trials/1"] = detail(1, { visualization });
  show(1, "network");
  const layer = await screen.findByRole("button", { name: "Dense" });
  fireEvent.click(layer);
  expect(layer.getAttribute("aria-pressed")).toBe("true");
  expect(document.querySelector("[data-legend=score]")?.textContent).toContain("Total score of the trial: 92.1\u00a0%");
  expect(screen.getByRole("link", { name: "Open in 3D" }).getAttribute("href")).toBe("/s/digits/network?trial=1");
});

test("the log reads only new lines after an event of the trial", async () => {
  const path = "/jobs/digits/trials/4/log";
  server.answers["/jobs/digits/trials/4"] = detail(4);
  server.answers[path] = { lines: ["trial 4 started"], next_offset: 120 };
  show(4, "log");
  expect(await screen.findByText("trial 4 started")).toBeTruthy();
  expect(server.asked.filter((url) => url.startsWith(path))).toEqual([`${path}?lines=1000`]);
  server.answers[path] = { lines: ["trial 4 epoch 1/14"], next_offset: 180 };
  act(() => study(TRIALS.map((one) => (one.number === 4 ? { ...one, epochs_trained: one.epochs_trained + 1 } : one))));
  await waitFor(() => expect(screen.getByText(/epoch 1\/14/)).toBeTruthy());
  expect(server.asked.at(-1)).toBe(`${path}?offset=120`);
});
