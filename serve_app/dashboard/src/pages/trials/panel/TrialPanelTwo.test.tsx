// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type LiveStudy, type LiveTrial, liveStore } from "../../../live/store";
import { exampleTrial } from "../../../model/trialExample";
import TrialPanel from "../TrialPanel";

configure({ asyncUtilTimeout: 15_000 }); // a busy machine is many times slower than an idle one

interface Sent {
  method: string;
  path: string;
  body: unknown;
}

/** The client takes the browser's fetch when it is loaded, so this one stands there before. */
const server = vi.hoisted(() => {
  const held = { sent: [] as Sent[], answers: {} as Record<string, unknown>, pictures: {} as Record<string, string> };
  globalThis.fetch = (async (input: Request | string) => {
    const request = input instanceof Request ? input : new Request(new URL(input, "http://localhost"));
    const { pathname } = new URL(request.url);
    const body = request.method === "GET" ? null : await request.json().catch(() => null);
    held.sent.push({ method: request.method, path: pathname, body });
    if (pathname in held.pictures)
      return new Response(held.pictures[pathname], { headers: { "Content-Type": "image/png" } });
    const answer = held.answers[`${request.method} ${pathname}`];
    const problem = { detail: "no such thing here", remedy: "look elsewhere" };
    const init = { status: answer === undefined ? 404 : 200, headers: { "Content-Type": "application/json" } };
    return new Response(JSON.stringify(answer ?? problem), init);
  }) as typeof fetch;
  return held;
});

const NOTES = { note: null, starred: false, cancel_requested_at: null };
const LIVE = { overall_health: null, stopped_by: null, outline: null, batch: null, resources: null, ...NOTES };
const trial = (number: number, changes: Partial<LiveTrial> = {}): LiveTrial =>
  ({ ...exampleTrial({ number }), ...LIVE, ...changes }) as LiveTrial;
const TRIALS = [trial(1), trial(2, { status: "running", cause: null, reason: null, performance: null })];
const PATH = "/jobs/digits/trials";

function show(number: number, tab = ""): void {
  window.history.replaceState(null, "", `/s/digits/trials?trial=${number}${tab}`);
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 1e9 } } })}>
      <TrialPanel id="digits" number={number} onClose={() => {}} />
    </QueryClientProvider>,
  );
}

const panel = (name: string) => within(document.querySelector(`[data-panel="${name}"]`) as HTMLElement);

beforeEach(() => {
  Object.assign(server, { sent: [], answers: {}, pictures: {} });
  const known = { id: "digits", sequence: 9, mode: "health", objectives: ["val_accuracy"], best_trial_number: 1 };
  const maps = { trials: new Map(TRIALS.map((one) => [one.number, one])), curves: new Map() };
  liveStore.setState({ opened: "digits", study: { ...known, ...maps, loadedTrials: true } as unknown as LiveStudy });
});
afterEach(cleanup);

test("training problems come with their meaning and all remedies", async () => {
  const advice = {
    about: "dying_units",
    evidence: "41 % of dense1's units are dead",
    meaning: "These units do no work.",
    epoch: 3,
    layer_id: "dense1",
    hopeless: true,
    remedies: ["lower learning_rate", "use leaky_relu"],
  };
  const low = { ...advice, about: "parameter_efficiency", epoch: null, layer_id: null, hopeless: false, remedies: [] };
  server.answers[`GET ${PATH}/1/explain`] = { advice: [low, advice] };
  show(1);
  const problems = panel("training-problems");
  expect(await problems.findByText("Epoch 3: dying units in dense1")).toBeTruthy();
  expect(problems.getByText("Lower learning_rate.")).toBeTruthy();
  expect(problems.getByText("Use leaky_relu.")).toBeTruthy();
  expect(problems.getByText("More epochs would not have helped.")).toBeTruthy();
  expect(problems.getByText("Parameter efficiency")).toBeTruthy();
  expect(problems.getAllByRole("listitem")[0]?.textContent).toContain("Epoch 3");
});

test("a note is written, saved, and shown before the feed tells it", async () => {
  server.answers[`PATCH ${PATH}/1`] = {};
  show(1);
  expect(panel("note").getByText("No note yet.")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Write a note" }));
  const field = screen.getByRole("textbox", { name: "Note about trial 1" });
  fireEvent.change(field, { target: { value: "x".repeat(10_001) } });
  expect(screen.getByText(/at most 10,000 characters/)).toBeTruthy();
  fireEvent.change(field, { target: { value: "Learned\nfast." } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(panel("note").getByText(/Learned/)).toBeTruthy());
  expect(server.sent.filter(({ method }) => method === "PATCH")).toEqual([
    { method: "PATCH", path: `${PATH}/1`, body: { note: "Learned\nfast." } },
  ]);
});

test("a note that cannot be saved stays in the field, with the reason", async () => {
  show(1);
  fireEvent.click(screen.getByRole("button", { name: "Write a note" }));
  fireEvent.change(screen.getByRole("textbox"), { target: { value: "Keep me" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await panel("note").findByText("No such thing here.")).toBeTruthy();
  expect(screen.getByRole<HTMLTextAreaElement>("textbox").value).toBe("Keep me");
});

test("only a running trial can be cancelled, after a question", async () => {
  server.answers[`POST ${PATH}/2/cancel`] = {};
  show(1);
  expect(screen.queryByRole("button", { name: "Cancel trial" })).toBeNull();
  cleanup();
  show(2);
  fireEvent.click(screen.getByRole("button", { name: "Cancel trial" }));
  expect(server.sent.some(({ method }) => method === "POST")).toBe(false);
  fireEvent.click(screen.getByRole("button", { name: "Cancel this trial" }));
  const cancelling = await screen.findByRole<HTMLButtonElement>("button", { name: "Cancelling" });
  expect(cancelling.disabled).toBe(true);
  expect(server.sent.filter(({ method }) => method === "POST").map(({ path }) => path)).toEqual([`${PATH}/2/cancel`]);
});

test("a trial can be trained again and compared with the best", () => {
  show(2);
  expect(screen.getByRole("link", { name: "Run again" }).getAttribute("href")).toBe("/new?from=digits&trial=2");
  const compare = screen.getByRole("link", { name: "Compare with the best" });
  expect(decodeURIComponent(compare.getAttribute("href") ?? "")).toBe("/s/digits/compare?t=1,2");
  cleanup();
  show(1);
  expect(screen.queryByRole("link", { name: "Compare with the best" })).toBeNull();
});

const FIGURES = [
  { name: "training", title: "Training history", shows: "loss and accuracy by epoch", formats: ["png", "svg"] },
  { name: "confusion", title: "Confusion matrix", shows: "which classes are mixed up?", formats: ["png", "svg"] },
];

test("figures are drawn one at a time, described, and saved as files", async () => {
  server.answers[`GET ${PATH}/1/plots`] = FIGURES;
  server.pictures = { [`${PATH}/1/plots/training`]: "png", [`${PATH}/1/plots/confusion`]: "png" };
  show(1, "&tab=figures");
  const picture = await screen.findByRole("img", { name: "Training history of trial 1: loss and accuracy by epoch" });
  expect(picture.getAttribute("src")).toMatch(/^blob:/);
  expect(server.sent.some(({ path }) => path.endsWith("/confusion"))).toBe(false);
  expect(screen.getByRole("link", { name: "SVG" }).getAttribute("href")).toBe(`${PATH}/1/plots/training?format=svg`);
  fireEvent.change(screen.getByRole("combobox", { name: "Figure" }), { target: { value: "confusion" } });
  expect(await screen.findByRole("img", { name: /^Confusion matrix of trial 1/ })).toBeTruthy();
  expect(window.location.search).toContain("figure=confusion");
});

test("a figure that is not drawn says why; a trial without an epoch has none", async () => {
  server.answers[`GET ${PATH}/1/plots`] = FIGURES;
  show(1, "&tab=figures");
  expect(await screen.findByText("No such thing here.")).toBeTruthy();
  cleanup();
  server.answers[`GET ${PATH}/2/plots`] = [];
  show(2, "&tab=figures");
  expect(await screen.findByText("Its first epoch has not ended yet.")).toBeTruthy();
});
