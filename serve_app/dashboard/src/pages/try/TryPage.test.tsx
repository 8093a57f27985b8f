// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeRequest } from "../data/fakeRequest";
import TryPage from "./TryPage";

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 20_000 });
vi.setConfig({ testTimeout: 60_000 });

const server = vi.hoisted(() => {
  const held: { answer: (request: Request) => Promise<Response> } = { answer: () => Promise.reject(new Error("none")) };
  globalThis.fetch = ((request: Request) => held.answer(request)) as typeof fetch;
  return held;
});

const IMAGES = {
  study: "digits",
  trial_number: 17,
  kind: "image",
  input: { anyOf: [{ type: "array" }, { type: "string", contentEncoding: "base64" }] },
  shape: [8, 8, 1],
  max_inputs: 256,
  classes: ["3", "7", "8"],
  kept_trials: [3, 17],
  test_accuracy: 0.968,
  trained_on_validation: false,
};
const TEXTS = { ...IMAGES, kind: "text", input: { type: "string" }, shape: null, classes: ["bad", "good"] };
const MISSING = { detail: "study 'digits' has saved no best model yet", remedy: "wait until it has ended" };

let schema: object | null = IMAGES;
let sent: { path: string; body: { inputs?: string[]; samples?: { split: string; indices: number[] } } }[] = [];
let fails = false;

/** Trial 3 says 3, the winner 7; both are unsure about the texts "so so". */
async function answer(given: Request | string): Promise<Response> {
  const request = typeof given === "string" ? new Request(new URL(given, window.location.origin)) : given;
  const { pathname, searchParams } = new URL(request.url);
  if (pathname.endsWith("/schema")) return Response.json(schema ?? MISSING, { status: schema === null ? 409 : 200 });
  if (pathname.endsWith(".png")) return new Response("no picture", { status: 404 });
  if (pathname === "/jobs/digits/samples") {
    const offset = Number(searchParams.get("offset") ?? 0);
    const split = searchParams.get("split");
    const one = (index: number) => ({
      index,
      label: index % 2 === 0 ? "7" : "3",
      text: null,
      image: `/jobs/digits/samples/${split}/${index}.png`,
    });
    const count = Math.min(Number(searchParams.get("limit")), 30 - offset);
    const samples = Array.from({ length: count }, (_, place) => one(offset + place));
    return Response.json({ dataset: "digits", split, total: 30, left_out: 0, labels: ["3", "7"], samples });
  }
  if (request.method !== "POST") return Response.json({ detail: "not found" }, { status: 404 });
  const body = JSON.parse(await request.text());
  sent.push({ path: pathname, body });
  if (fails) return Response.json({ detail: "inputs[0] is not a readable image", remedy: "use PNG" }, { status: 422 });
  const unsure = body.inputs?.[0] === "so so";
  const shares = unsure
    ? { bad: 0.45, good: 0.55 }
    : pathname.includes("/trials/3/")
      ? [0.9, 0.08, 0.02]
      : [0.05, 0.92, 0.03];
  const probabilities = Array.isArray(shares) ? { "3": shares[0], "7": shares[1], "8": shares[2] } : shares;
  const truth = body.samples === undefined ? null : body.samples.indices[0] % 2 === 0 ? "7" : "3";
  return Response.json({
    trial_number: 17,
    predictions: [{ label: "", probability: 0, probabilities, unsure, truth }],
  });
}

function open(address = "/s/digits/try") {
  window.history.replaceState(null, "", address);
  const queries = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  return render(
    <QueryClientProvider client={queries}>
      <TryPage id="digits" />
    </QueryClientProvider>,
  );
}

const said = (name: string) =>
  (document.querySelector(`[data-panel=${name}]`)?.textContent ?? "").replaceAll("\u00a0", " ");
const pad = () => screen.getByRole("application");
const press = (...keys: string[]) => keys.forEach((key) => void fireEvent.keyDown(pad(), { key }));

beforeEach(() => {
  schema = IMAGES;
  sent = [];
  fails = false;
  server.answer = answer;
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("the page says first how often the model is right on new data", async () => {
  open();
  expect(await screen.findByText("On new data, the model of trial 17 is right about 97 times in 100.")).toBeTruthy();
  expect(document.querySelector("[data-panel]")?.getAttribute("data-panel")).toBe("how-good-is-it");
  expect(said("the-answer")).toContain("Draw something");
  expect(document.body.textContent).not.toMatch(/undefined|NaN|null/);
});

test("a study without a model says what to wait for", async () => {
  schema = null;
  open();
  expect(await screen.findByText("There is no model to try yet")).toBeTruthy();
  expect(screen.getByText(/^Study 'digits' has saved no best model yet\. Wait until it has ended\./)).toBeTruthy();
});

test("a digit is drawn with keys alone, and the answer shows all classes", async () => {
  open();
  await screen.findByRole("application");
  press("ArrowUp", "ArrowUp", " ", "ArrowDown", "ArrowDown", "ArrowDown", " ");
  expect(pad().getAttribute("aria-label")).toBe("Pad to draw on, 1 stroke, the pen is up");
  await waitFor(() => expect(said("the-answer")).toContain("It says 7, with 92.0 %."));
  expect(sent[0]?.path).toBe("/jobs/digits/best-model/predict");
  expect(sent[0]?.body.inputs?.[0]).toMatch(/^data:image\/png;base64,/);
  const rows = within(document.querySelector("[data-answer='17']") as HTMLElement).getAllByRole("rowheader");
  expect(rows.map((row) => row.textContent)).toEqual(["7", "3", "8"]);
  expect(screen.getByAltText("Your drawing as the model gets it")).toBeTruthy();
  press("Backspace");
  expect(said("the-answer")).toContain("Draw something");
});

test("a digit is drawn with a pointer", async () => {
  open();
  const surface = await screen.findByRole("application");
  surface.getBoundingClientRect = () => new DOMRect(0, 0, 200, 200);
  const at = (clientX: number, clientY: number) => ({ clientX, clientY, button: 0, pointerId: 1 });
  fireEvent.pointerDown(surface, at(50, 20));
  fireEvent.pointerMove(surface, at(150, 20));
  fireEvent.pointerMove(surface, at(100, 180));
  fireEvent.pointerUp(surface, at(100, 180));
  expect(surface.querySelector("polyline")?.getAttribute("points")).toBe("25.0,10.0 75.0,10.0 50.0,90.0");
  await waitFor(() => expect(said("the-answer")).toContain("It says 7"));
  fireEvent.click(screen.getByRole("button", { name: "Clear" }));
  expect(surface.querySelector("polyline")).toBe(null);
});

test("a sample is chosen, stands in the address, and its true class is beside the answer", async () => {
  open("/s/digits/try?input=sample");
  fireEvent.click(await screen.findByRole("button", { name: /Sample 1 of the validation data/ }));
  expect(window.location.search).toBe("?input=sample&sample=1");
  await waitFor(() => expect(said("the-answer")).toContain("Wrong: the data say 3, which got 5.0 %."));
  expect(sent[0]?.body).toEqual({ samples: { split: "validation", indices: [1] } });
  cleanup();
  open("/s/digits/try?sample=2&split=test");
  await waitFor(() => expect(said("the-answer")).toContain("Right: the data say 7."));
  expect(sent.at(-1)?.body).toEqual({ samples: { split: "test", indices: [2] } });
});

test("two trials answer one input, and test samples are the winner's alone", async () => {
  open("/s/digits/try?with=3&sample=0");
  await waitFor(() =>
    expect(said("the-answer")).toContain("They disagree: trial 17 says 7 (92.0 %), trial 3 says 3 (90.0 %)."),
  );
  expect(new Set(sent.map((one) => one.path))).toEqual(
    new Set(["/jobs/digits/best-model/predict", "/jobs/digits/trials/3/predict"]),
  );
  expect(screen.queryByRole("radio", { name: "Test" })).toBe(null);
  expect(screen.getByText(/^Test samples are for the winner only/)).toBeTruthy();
  fireEvent.change(screen.getByLabelText("Compare with"), { target: { value: "" } });
  expect(await screen.findByRole("radio", { name: "Test" })).toBeTruthy();
});

test("a model that was not kept is named, with what to do", async () => {
  open("/s/digits/try?with=5");
  expect(await screen.findByText(/^The model of trial 5 was not kept\..*keep_models=all\.$/)).toBeTruthy();
  schema = { ...IMAGES, kept_trials: [17] };
  cleanup();
  open();
  const link = await screen.findByRole("link", { name: "keep_models=all" });
  expect(link.getAttribute("href")).toBe("/new?from=digits&advanced=1&find=keep_models");
});

test("a text is classified while it is typed; an unsure answer says so", async () => {
  schema = TEXTS;
  open();
  fireEvent.change(await screen.findByLabelText("Text"), { target: { value: "so so" } });
  await waitFor(() => expect(said("the-answer")).toContain("It is unsure: good (55.0 %) or bad (45.0 %)."));
  expect(screen.queryByRole("radio", { name: "Draw" })).toBe(null);
  fireEvent.change(screen.getByLabelText("Text"), { target: { value: "  " } });
  expect(said("the-answer")).toContain("Type a text");
});

test("an image that cannot be read says why, and the page lives on", async () => {
  fails = true;
  open("/s/digits/try?input=image");
  const file = new File(["x"], "holiday.png", { type: "image/png" });
  fireEvent.change(await screen.findByLabelText("Image"), { target: { files: [file] } });
  expect(await screen.findByText("Inputs[0] is not a readable image.")).toBeTruthy();
  expect(screen.getByText("Use PNG.")).toBeTruthy();
  expect(screen.getByText("holiday.png")).toBeTruthy();
});

test("a file of inputs becomes a table, and a wrong one is refused before it is sent", async () => {
  schema = TEXTS;
  open();
  const input = await screen.findByLabelText("File of inputs");
  FakeRequest.last = null;
  fireEvent.change(input, { target: { files: [new File(["x"], "reviews.docx")] } });
  expect(await screen.findByText(/^reviews\.docx is no file that this model reads\./)).toBeTruthy();
  expect(FakeRequest.last).toBe(null);
  fireEvent.change(input, { target: { files: [new File(["fine"], "reviews.txt")] } });
  await waitFor(() => expect(FakeRequest.last?.path).toBe("/jobs/digits/best-model/predict/file?format=txt"));
  const csv = "input,label,probability,bad,good,problem\r\nfine,good,0.9,0.1,0.9,\r\nhm,bad,0.55,0.55,0.45,\r\n";
  act(() => (FakeRequest.last as unknown as FakeRequest).answer(200, csv));
  await waitFor(() =>
    expect(said("a-whole-file")).toContain(
      "2 inputs classified: most often good (50.0 %). The model is unsure about 1.",
    ),
  );
  expect(screen.getByRole("button", { name: "Save as CSV" })).toBeTruthy();
});
