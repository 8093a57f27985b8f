// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, configure, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OPTIONS } from "../../model/specSample";
import NewPage from "./NewPage";

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 20_000 });
vi.setConfig({ testTimeout: 60_000 });

/** The client takes the browser's fetch when it is loaded, so this one stands there before. */
const server = vi.hoisted(() => {
  const held: { answer: (request: Request) => Promise<Response> } = { answer: () => Promise.reject(new Error("none")) };
  globalThis.fetch = ((request: Request) => held.answer(request)) as typeof fetch;
  return held;
});

const ESTIMATE = {
  networks: 20,
  smallest_parameters: 900,
  largest_parameters: 1_200_000,
  workers: 2,
  seconds_per_trial: 6,
  total_seconds: 60,
};
const DATASETS = [
  { name: "digits", kind: "image", samples: 1797, classes: 10, source: "built in" },
  { name: "imdb", kind: "text", samples: 50_000, classes: 2, source: "built in" },
];
const ROW = { name: "dropout", range: "0..0.5", widest: "0 to 0.95", only_with: "", meaning: "share left out" };

/** What the server gets, and its answers: a body with more than 100 trials is refused. */
let sent: { path: string; body: unknown; key: string | null }[] = [];

async function answer(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const text = request.method === "POST" ? await request.text() : "";
  const body: Record<string, unknown> = text === "" ? {} : JSON.parse(text);
  const path = pathname + (searchParams.get("dry_run") === "true" ? "?dry_run" : "");
  sent.push({ path, body, key: request.headers.get("idempotency-key") });
  const spec = (pathname === "/estimate" ? body.spec : body) as Record<string, unknown>;
  if (request.method === "POST" && spec.trials === "many")
    return refused([{ field: "trials", message: "must be a valid integer" }]);
  if (request.method === "POST" && spec.min_epochs_per_trial === 50) {
    return refused([
      { field: "", message: "min_epochs_per_trial=50 is above max_epochs_per_trial=10: lower the first" },
    ]);
  }
  const limited = spec.time_budget_s === 900;
  const problems = [{ field: "spec.concurrent_workers", message: "the machines fit 2 at a time, not 500" }];
  const answers: Record<string, unknown> = {
    "/options": { fields: OPTIONS, search_space: { images: [ROW], texts: [ROW] } },
    "/datasets": DATASETS,
    "/devices": { nodes: [{ node: "one", cpus: 8, memory_bytes: null, gpus: 0, gpu_names: [] }], cpus: 8, gpus: 0 },
    "/estimate": {
      ...ESTIMATE,
      ...(limited ? { networks: 1000, seconds_per_trial: 300 } : {}),
      problems: spec.concurrent_workers === 500 ? problems : [],
    },
    "/jobs": { id: "digits-1" },
    "/jobs?dry_run": { id: "digits-1", command: "", spec: { dataset: "digits", trials: limited ? 1000 : 20, ...spec } },
    "/jobs/old": { spec: { dataset: "imdb", mode: "simple", trials: 8 } },
  };
  return Response.json(answers[path] ?? null, { status: path in answers ? 200 : 404 });
}

function refused(errors: { field: string; message: string }[]): Response {
  return Response.json({ detail: "not valid", remedy: null, errors }, { status: 422 });
}

function open(address = "/new") {
  window.history.replaceState(null, "", address);
  const queries = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  return render(
    <QueryClientProvider client={queries}>
      <NewPage />
    </QueryClientProvider>,
  );
}

/** A large and a small screen have their own; style sheets, which hide one, are not part of these tests. */
const start = () => screen.getAllByRole("button", { name: "Start" })[0] as HTMLElement;
const bodies = (path: string) => sent.filter((one) => one.path === path).map((one) => one.body);

beforeEach(() => {
  sent = [];
  sessionStorage.clear();
  server.answer = answer;
});
afterEach(cleanup);

test("a first-time visitor presses Start and comes to the study", async () => {
  open();
  expect(await screen.findByText("Trains 20 networks on digits, 2 at a time, in about 1 min.")).toBeTruthy();
  fireEvent.click(start());
  await waitFor(() => expect(window.location.pathname).toBe("/s/digits-1"));
  const request = sent.find((one) => one.path === "/jobs");
  expect(request?.body).toEqual({});
  expect(request?.key).toMatch(/^[0-9a-f]{32}$/);
});

test("what is typed changes the command at once and the estimate a moment later, and survives a reload", async () => {
  const { unmount } = open();
  fireEvent.change(await screen.findByLabelText("Networks to train"), { target: { value: "8" } });
  expect(screen.getByText("tuner run dataset=digits trials=8")).toBeTruthy();
  await waitFor(() => expect(bodies("/estimate")).toContainEqual({ spec: { trials: 8 } }));
  unmount();
  open();
  expect(await screen.findByText("These are the settings that you typed before.")).toBeTruthy();
  expect(screen.getByText("tuner run dataset=digits trials=8")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Start over" }));
  expect(screen.getByText("tuner run dataset=digits")).toBeTruthy();
});

test("an error stands beside its field, and Start leads to it", async () => {
  open();
  const trials = await screen.findByLabelText("Networks to train");
  fireEvent.change(trials, { target: { value: "many" } });
  await waitFor(() => expect(trials.getAttribute("aria-invalid")).toBe("true"));
  expect(screen.getAllByText("A whole number from 1 to 100,000.")).toHaveLength(1);
  fireEvent.click(start());
  await waitFor(() => expect(document.activeElement).toBe(trials));
  expect(bodies("/jobs")).toEqual([]);
});

test("a time limit says how it was understood, what it changed, and how many networks fit", async () => {
  open();
  const trials = await screen.findByLabelText<HTMLInputElement>("Networks to train");
  fireEvent.change(screen.getByLabelText("Time limit"), { target: { value: "15" } });
  expect(screen.getByText(/^That is 15 min\./)).toBeTruthy();
  expect(
    await screen.findByText("Trains as many networks on digits as fit in 15 min, about 6 (at most 1,000)."),
  ).toBeTruthy();
  await waitFor(() => expect(trials.value).toBe("1000"));
  expect(screen.getByText(/^Changed from 20 to 1,000 by the time limit/)).toBeTruthy();
});

test("what cannot work is said at its field and beside Start, which still works", async () => {
  open();
  fireEvent.change(await screen.findByLabelText("Networks at the same time"), { target: { value: "500" } });
  expect(await screen.findByText("This cannot work as it is set")).toBeTruthy();
  expect(screen.getByText("The machines fit 2 at a time, not 500.")).toBeTruthy();
  expect(screen.getByRole("button", { name: /^Networks at the same time: The machines fit 2/ })).toBeTruthy();
  fireEvent.click(start());
  await waitFor(() => expect(window.location.pathname).toBe("/s/digits-1"));
});

test("while the server does not answer the form says so, and asks again", async () => {
  let down = true;
  server.answer = (request) =>
    down && request.method === "POST" ? Promise.reject(new TypeError("Failed to fetch")) : answer(request);
  open();
  expect(await screen.findByText(/^The server does not answer\. Your settings stay here/)).toBeTruthy();
  expect(screen.queryByText("Calculating …")).toBe(null);
  down = false;
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Trains 20 networks on digits, 2 at a time, in about 1 min.")).toBeTruthy();
});

test("a study is named in the first part of the form, and own data have a way into the list", async () => {
  open();
  fireEvent.change(await screen.findByLabelText("Name"), { target: { value: "first" } });
  expect(screen.getByText("tuner run dataset=digits run_name=first")).toBeTruthy();
  fireEvent.click(screen.getByText("Use your own data"));
  expect(screen.getByText(/^tuner datasets add /)).toBeTruthy();
});

test("an error of an advanced field opens its group", async () => {
  sessionStorage.setItem(
    "tuner.new:",
    JSON.stringify({ values: { min_epochs_per_trial: "50" }, space: {}, weights: null }),
  );
  open();
  fireEvent.click(await screen.findByRole("button", { name: /^Min epochs per trial: / }));
  const field = await screen.findByLabelText(/^Min epochs per trial/);
  await waitFor(() => expect(document.activeElement).toBe(field));
});

test("six sliders show only where health counts, and keep their sum", async () => {
  open();
  await screen.findByLabelText("Networks to train");
  expect(screen.queryAllByRole("slider")).toHaveLength(0);
  fireEvent.click(screen.getByRole("radio", { name: /model health/ }));
  const sliders = screen.getAllByRole("slider");
  expect(sliders).toHaveLength(7);
  fireEvent.change(screen.getByRole("slider", { name: /Neuron utilization/ }), { target: { value: "0.5" } });
  const shares = screen
    .getAllByRole("slider")
    .slice(1)
    .map((one) => Math.round((one as HTMLInputElement).valueAsNumber * 100));
  expect(shares[0]).toBe(50);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBe(100);
  expect(screen.getByText(/health_weights\.neuron_utilization=0\.5/)).toBeTruthy();
});

test("a copy begins with the settings of the other study", async () => {
  open("/new?from=old");
  expect(await screen.findByText("tuner run dataset=imdb trials=8")).toBeTruthy();
  expect(screen.queryByText("These are the settings that you typed before.")).toBe(null);
});

test("the search in Advanced finds fields and parameters", async () => {
  open("/new?advanced=1&find=left+out");
  const field = await screen.findByLabelText(/^Dropout/, { selector: "[placeholder='0..0.5']" });
  act(() => void fireEvent.change(field, { target: { value: "0.1, 0.2" } }));
  expect(screen.getByText("tuner run dataset=digits 'space.dropout=[0.1,0.2]'")).toBeTruthy();
});
