// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type LiveStudy, type LiveTrial, liveStore } from "../../live/store";
import { exampleTrial } from "../../model/trialExample";
import TrialsPage from "./TrialsPage";

configure({ asyncUtilTimeout: 15_000 }); // a busy machine is many times slower than an idle one

/** The client takes the browser's fetch when it is loaded, so this one stands there before. */
vi.hoisted(() => {
  globalThis.fetch = (() => Promise.reject(new Error("no server"))) as typeof fetch;
});

function trial(number: number, changes: Partial<LiveTrial> = {}): LiveTrial {
  const live = { overall_health: null, stopped_by: null, outline: null, batch: null, resources: null };
  const score = 0.5 + number / 1000;
  const performance = { accuracy: score, loss: 1 - score, total_score: score };
  return { ...exampleTrial({ number, performance }), ...live, ...changes } as LiveTrial;
}

const TRIALS = [
  trial(1, { status: "running", cause: null, reason: null }),
  trial(2, { status: "pruned", cause: "pruned", reason: "pruned by asha" }),
  trial(3, { status: "failed", cause: "error", reason: "ValueError: no", performance: null }),
  ...Array.from({ length: 297 }, (_, place) => trial(place + 4)),
];

const FRONT = new Map(
  [trial(4), trial(5), trial(6)].map((one, place) => {
    const [objective, overall_health] = [0.99 - place / 100, 0.9 + (place === 1 ? 0.05 : 0)];
    return [one.number, { ...one, objective, overall_health } as LiveTrial] as const;
  }),
);

function show(search = ""): void {
  window.history.replaceState(null, "", `/s/digits/trials${search}`);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <TrialsPage id="digits" />
    </QueryClientProvider>,
  );
}

function study(changes: Partial<LiveStudy> = {}): void {
  const trials = new Map(TRIALS.map((one) => [one.number, one]));
  const curves = new Map();
  const known = { id: "digits", sequence: 9, mode: "simple", objectives: ["val_accuracy"], best_trial_number: 300 };
  liveStore.setState({
    opened: "digits",
    study: { ...known, trials, curves, loadedTrials: true, ...changes } as LiveStudy,
  });
}

// Its first import takes seconds on a busy machine.
beforeAll(() => import("./TrialPanel"), 60_000);

beforeEach(() => {
  const box = { width: 1200, height: 600, top: 200, left: 0, right: 1200, bottom: 800, x: 0, y: 200, toJSON: () => "" };
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(box);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(350); // happy-dom lays nothing out
  study();
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const cards = () => [...document.querySelectorAll<HTMLElement>("article[data-trial]")];
const numbers = () => cards().map((card) => Number(card.dataset.trial));

test("mounts at most 60 cards of many, by number", () => {
  show();
  expect(numbers()[0]).toBe(1);
  expect(cards().length).toBeGreaterThan(2);
  expect(cards().length).toBeLessThanOrEqual(60);
  expect(screen.getByText("300 trials")).toBeTruthy();
});

test("a short list waits until it is whole, unless it cannot be loaded; a long one shows what is there", () => {
  const some = (count: number) => new Map(TRIALS.slice(0, count).map((one) => [one.number, one]));
  study({ trials: some(5), loadedTrials: false });
  show();
  expect(cards()).toEqual([]);
  act(() => liveStore.setState({ loadError: { status: 500, detail: "no database" } }));
  expect(numbers()).toEqual([1, 2, 3, 4, 5]);
  act(() => liveStore.setState({ loadError: null }));
  expect(cards()).toEqual([]);
  act(() => study({ trials: some(150), loadedTrials: false }));
  expect(numbers()[0]).toBe(1);
});

test("a running trial says N/A, shows its batches, and no card shows health in simple mode", () => {
  show("?status=running");
  expect(numbers()).toEqual([1]);
  const card = within(cards()[0] as HTMLElement);
  expect(card.getAllByText("N/A").length).toBeGreaterThanOrEqual(3);
  act(() => {
    const batch = { epoch: 4, epochs: 14, batch: 37, batches: 50, loss: 1, accuracy: 0.5 };
    const trials = new Map([[1, trial(1, { status: "running", batch })]]);
    study({ trials });
  });
  expect(card.getByText("Epoch 4 of 14, 74 %")).toBeTruthy();
  expect(card.queryByText("Overall health")).toBeNull();
  expect(document.body.textContent).not.toMatch(/NaN|Infinity|undefined|null/);
});

test("chips narrow the list and are in the address; without a match it offers to clear the filters", async () => {
  show();
  fireEvent.click(screen.getByRole("button", { name: "Stopped early 1" }));
  expect(numbers()).toEqual([2]);
  expect(window.location.search).toBe("?status=pruned");
  fireEvent.change(screen.getByRole("searchbox"), { target: { value: "sgd" } });
  await waitFor(() => expect(window.location.search).toContain("containing=sgd"));
  expect(screen.getByText("No trial matches")).toBeTruthy();
  fireEvent.blur(screen.getByRole("searchbox"));
  fireEvent.click(screen.getAllByRole("button", { name: "Clear filters" })[0] as HTMLElement);
  expect(window.location.search).toBe("");
  expect(numbers()[0]).toBe(1);
});

test("ranges are typed in percent and written as shares", async () => {
  show();
  fireEvent.change(screen.getByRole("textbox", { name: "Accuracy (%), from" }), { target: { value: "79.85" } });
  await waitFor(() => expect(window.location.search).toBe("?min_accuracy=0.7985"));
  expect(numbers()).toEqual([299, 300]);
});

test("a range that is no number, or cannot match, says so and stays as it was typed", async () => {
  show();
  const from = screen.getByRole("textbox", { name: "Accuracy (%), from" }) as HTMLInputElement;
  fireEvent.change(from, { target: { value: "abc" } });
  fireEvent.blur(from);
  expect((await screen.findByRole("alert")).textContent).toBe("Not a number. Type one such as 90.");
  expect(from.value).toBe("abc");
  expect(from.getAttribute("aria-invalid")).toBe("true");
  fireEvent.change(from, { target: { value: "90 %" } });
  fireEvent.blur(from);
  expect(screen.queryByRole("alert")).toBeNull();
  expect(window.location.search).toBe("?min_accuracy=0.9");
  fireEvent.change(screen.getByRole("textbox", { name: "Accuracy (%), to" }), { target: { value: "50" } });
  expect((await screen.findByRole("alert")).textContent).toBe("Nothing matches: “from” is above “to”.");
});

test("the best trial and the front are marked on the cards, and the front is a filter", () => {
  study({ mode: "pareto", objectives: ["val_accuracy", "overall_health"], best_trial_number: 4, trials: FRONT });
  show();
  const marks = () =>
    [...document.querySelectorAll<HTMLElement>("[data-mark]")].map(
      (mark) => `${mark.closest<HTMLElement>("[data-trial]")?.dataset.trial} ${mark.dataset.mark}`,
    );
  expect(marks()).toEqual(["4 best", "4 front", "5 front"]);
  fireEvent.click(screen.getByRole("button", { name: "Front 2" }));
  expect(window.location.search).toBe("?front=1");
  expect(numbers()).toEqual([4, 5]);
  fireEvent.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(window.location.search).toBe("");
});

test("the table sorts by a click on a head, which says so, and shows the chosen columns", () => {
  show("?view=table&columns=trial_number,accuracy,hp.optimizer");
  expect(screen.getAllByRole("columnheader").map((head) => head.textContent)).toEqual([
    "Trial",
    "Accuracy",
    "Optimizer",
  ]);
  fireEvent.click(screen.getByRole("button", { name: "Accuracy" }));
  expect(window.location.search).toContain("sort=-accuracy");
  expect(screen.getByRole("columnheader", { name: "Accuracy" }).getAttribute("aria-sort")).toBe("descending");
  fireEvent.click(screen.getByRole("button", { name: "Accuracy" }));
  expect(screen.getByRole("columnheader", { name: "Accuracy" }).getAttribute("aria-sort")).toBe("ascending");
});

test("the panel opens by the address, steps through the list with J and K, and closes with Escape", async () => {
  show("?cause=error,pruned&trial=3");
  const panel = await screen.findByRole("dialog", { name: "Trial 3" });
  expect(within(panel).getByText("2 of 2 in the list")).toBeTruthy();
  expect(within(panel).getByText("ValueError: no.")).toBeTruthy();
  fireEvent.keyDown(document.body, { key: "K" });
  expect(await screen.findByRole("dialog", { name: "Trial 2" })).toBeTruthy();
  fireEvent.keyDown(document.body, { key: "j" });
  expect(window.location.search).toContain("trial=3");
  fireEvent.keyDown(document.body, { key: "Escape" });
  await waitFor(() => expect(window.location.search).toBe("?cause=error%2Cpruned"));
});
