// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import DataPage from "./DataPage";
import { FakeRequest } from "./fakeRequest";

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 20_000 });
vi.setConfig({ testTimeout: 60_000 });

const server = vi.hoisted(() => {
  const held: { answer: (request: Request) => Promise<Response> } = { answer: () => Promise.reject(new Error("none")) };
  globalThis.fetch = ((request: Request) => held.answer(request)) as typeof fetch;
  return held;
});

const entry = (name: string, source: string) => ({ name, kind: "image", samples: 1797, classes: 10, source });
const REPORT = {
  kind: "image",
  samples: "8 x 8 pixels, greyscale",
  classes: Array.from({ length: 15 }, (_, place) => ({
    label: `c${place}`,
    train: 100,
    validation: 10,
    test: 5 + place,
  })),
  notes: [
    { kind: "read", text: "pixels are scaled" },
    { kind: "warning", text: "two classes look the same" },
  ],
};
let sets: ReturnType<typeof entry>[] = [];
let asked: string[] = [];
let refusal: object | null = null;

async function answer(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  asked.push(`${request.method} ${pathname}?${searchParams}`);
  if (request.method === "DELETE") {
    if (refusal !== null) return Response.json(refusal, { status: 409 });
    sets = sets.filter((one) => `/datasets/${one.name}` !== pathname);
    return new Response(null, { status: 204 });
  }
  if (pathname === "/datasets") return Response.json(sets);
  const [, , name = "", samples] = pathname.split("/");
  const found = sets.find((one) => one.name === name);
  if (found === undefined)
    return Response.json({ detail: `unknown data set '${name}'`, remedy: null }, { status: 404 });
  if (samples === undefined) return Response.json({ ...found, report: name === "far" ? null : REPORT });
  if (name === "far") {
    const remedy = "start a study on it, which downloads it";
    return Response.json({ detail: "'far' is not on this machine", remedy }, { status: 409 });
  }
  const offset = Number(searchParams.get("offset") ?? 0);
  const label = searchParams.get("label");
  const total = label === null ? 30 : 3;
  const shown = Array.from({ length: Math.min(24, total - offset) }, (_, place) => ({
    index: offset + place,
    label: label ?? `c${place % 15}`,
    text: null,
    image: `/datasets/${name}/samples/validation/${offset + place}.png?v=1`,
  }));
  const labels = REPORT.classes.map((one) => one.label);
  return Response.json({ dataset: name, split: searchParams.get("split"), total, left_out: 0, labels, samples: shown });
}

function open(address: string) {
  window.history.replaceState(null, "", address);
  const queries = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  return render(
    <QueryClientProvider client={queries}>
      <DataPage />
    </QueryClientProvider>,
  );
}

const rows = () => [...document.querySelectorAll("[data-dataset]")].map((row) => row.getAttribute("data-dataset"));
const panel = (name: string) => within(document.querySelector(`[data-panel=${name}]`) as HTMLElement);

beforeEach(() => {
  sets = [entry("digits", "built in"), entry("far", "example.org"), entry("photos", "uploaded")];
  asked = [];
  refusal = null;
  server.answer = answer;
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("the list says what there is, and search and order stand in the address", async () => {
  open("/data");
  expect(await screen.findByText(/^3 data sets: 1 of your own, 1 ready on this server, 1 downloaded/)).toBeTruthy();
  expect(rows()).toEqual(["photos", "digits", "far"]);
  fireEvent.change(screen.getByLabelText("Search data sets"), { target: { value: "built" } });
  expect(rows()).toEqual(["digits"]);
  expect(window.location.search).toBe("?find=built");
  fireEvent.change(screen.getByLabelText("Search data sets"), { target: { value: "nothing" } });
  expect(screen.getByText("No data set matches the search.")).toBeTruthy();
  expect(screen.queryByText(/undefined|NaN|null/)).toBe(null);
});

test("a data set can be searched on from the list and from its page", async () => {
  open("/data");
  const link = await screen.findByRole("link", { name: "Search on this: digits" });
  expect(link.getAttribute("href")).toBe("/new?dataset=digits");
  fireEvent.click(screen.getByRole("link", { name: "digits" }));
  expect(await screen.findByText("c0", { selector: "th span" })).toBeTruthy();
  expect(screen.getByRole("link", { name: "Search on this" }).getAttribute("href")).toBe("/new?dataset=digits");
  expect(screen.queryByRole("button", { name: "Delete" })).toBe(null);
});

test("the classes have a sentence, bars and numbers, and many are shown on request", async () => {
  open("/data?dataset=digits");
  expect(await screen.findByText("15 classes of about the same size: 115 to 129 samples each.")).toBeTruthy();
  expect(panel("classes").getAllByRole("row")).toHaveLength(13);
  fireEvent.click(screen.getByRole("button", { name: "Show all 15 classes" }));
  expect(panel("classes").getAllByRole("row")).toHaveLength(16);
  fireEvent.change(screen.getByLabelText("Order of the classes"), { target: { value: "largest" } });
  expect(panel("classes").getAllByRole("rowheader")[0]?.textContent).toBe("c14");
  expect(window.location.search).toContain("order=largest");
  const notes = panel("notes-on-the-data").getAllByRole("listitem");
  expect(notes.map((note) => note.textContent)).toEqual([
    "Warning: Two classes look the same.",
    "Note: Pixels are scaled.",
  ]);
});

test("samples come page by page and by class", async () => {
  open("/data?dataset=digits");
  expect(await screen.findByText("1 to 24 of 30 samples")).toBeTruthy();
  expect(screen.getByAltText("Sample 0 of the validation data").getAttribute("src")).toMatch(/validation\/0\.png/);
  fireEvent.click(screen.getByRole("button", { name: "Next" }));
  expect(await screen.findByText("25 to 30 of 30 samples")).toBeTruthy();
  expect(window.location.search).toContain("from=24");
  fireEvent.change(screen.getByLabelText("Class"), { target: { value: "c3" } });
  expect(await screen.findByText("1 to 3 of 3 samples")).toBeTruthy();
  expect(window.location.search).toBe("?dataset=digits&label=c3");
  fireEvent.click(screen.getByRole("radio", { name: "Test" }));
  await waitFor(() => expect(asked.at(-1)).toBe("GET /datasets/digits/samples?split=test&offset=0&limit=24&label=c3"));
});

test("data that are not on the machine say so and what to do; the page lives on", async () => {
  open("/data?dataset=far");
  expect(await screen.findByText(/^These data are not read yet/)).toBeTruthy();
  expect(await screen.findByText("Start a study on it, which downloads it.")).toBeTruthy();
});

test("an unknown data set has a way back", async () => {
  open("/data?dataset=nowhere");
  expect(await screen.findByText("There is no such data set")).toBeTruthy();
  expect(screen.getByRole("link", { name: "All data sets" }).getAttribute("href")).toBe("/data");
});

test("an uploaded data set is deleted after a question; a refusal says why", async () => {
  refusal = { detail: "study 'a' uses data set 'photos'", remedy: "POST /jobs/a/cancel and wait until it has ended" };
  open("/data?dataset=photos");
  fireEvent.click(await screen.findByRole("button", { name: "Delete" }));
  const dialog = within(await screen.findByRole("dialog"));
  fireEvent.click(dialog.getByRole("button", { name: "Delete" }));
  expect(await dialog.findByText("Study 'a' uses data set 'photos'.")).toBeTruthy();
  refusal = null;
  fireEvent.click(dialog.getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(window.location.pathname + window.location.search).toBe("/data"));
  await waitFor(() => expect(rows()).toEqual(["digits", "far"]));
});

const file = (name: string, content = "text,label") => new File([content], name);
const choose = (label: string, chosen: File) =>
  fireEvent.change(screen.getByLabelText(label), { target: { files: [chosen] } });

test("an upload shows its progress and opens the data set", async () => {
  open("/data?upload=1");
  await screen.findByLabelText("File");
  choose("File", file("My reviews.csv"));
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("My-reviews");
  expect(screen.getByLabelText<HTMLSelectElement>("What the file holds").value).toBe("csv");
  fireEvent.click(screen.getByRole("button", { name: "Upload" }));
  await waitFor(() => expect(FakeRequest.last?.form).toBeTruthy());
  const request = FakeRequest.last as FakeRequest;
  expect([request.method, request.path]).toEqual(["POST", "/datasets?name=My-reviews&format=csv"]);
  expect(request.form?.get("file")).toMatchObject({ name: "My reviews.csv" });
  act(() => request.upload.onprogress?.({ loaded: 30, total: 100 }));
  expect((await screen.findByText(/sent$/)).textContent?.replaceAll("\u00a0", " ")).toBe("30 % sent");
  act(() => request.upload.onload?.());
  expect(await screen.findByText("The server reads and checks the file …")).toBeTruthy();
  sets.push(entry("My-reviews", "uploaded"));
  act(() => request.answer(201, JSON.stringify(sets.at(-1))));
  await waitFor(() => expect(window.location.search).toBe("?dataset=My-reviews"));
});

test("what is wrong with an upload stands at its field", async () => {
  open("/data?upload=1");
  await screen.findByText(/^3 data sets/);
  fireEvent.click(screen.getByRole("button", { name: "Upload" }));
  expect(screen.getByText("Choose a file.")).toBeTruthy();
  choose("File", file("digits.npz"));
  fireEvent.click(screen.getByRole("button", { name: "Upload" }));
  const name = screen.getByLabelText<HTMLInputElement>("Name");
  expect(screen.getByText("This name is taken. Choose another one.")).toBeTruthy();
  expect(document.activeElement).toBe(name);
  fireEvent.change(name, { target: { value: "own" } });
  fireEvent.click(screen.getByRole("button", { name: "Upload" }));
  await waitFor(() => expect(FakeRequest.last?.path).toBe("/datasets?name=own&format=npz"));
  const problem = { detail: "there is no array y", remedy: "save the labels as y", errors: [] };
  act(() => FakeRequest.last?.answer(422, JSON.stringify(problem)));
  expect(await screen.findByText("There is no array y. Save the labels as y.")).toBeTruthy();
  expect(screen.getByLabelText("File").getAttribute("aria-invalid")).toBe("true");
});

test("an upload can be stopped, and then nothing is wrong", async () => {
  open("/data?upload=1");
  await screen.findByLabelText("File");
  choose("File", file("own.csv"));
  fireEvent.click(screen.getByRole("button", { name: "Upload" }));
  fireEvent.click(await screen.findByRole("button", { name: "Stop" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Stop" })).toBe(null));
  expect(screen.queryByRole("alert")).toBe(null);
});
