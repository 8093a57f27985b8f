// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { StudyActions } from "./StudyActions";
import { StudyNotes } from "./StudyNotes";

const sent = vi.hoisted(() => vi.fn());
vi.mock("../../api/useChanges", async () => {
  const { useMutation } = await import("@tanstack/react-query");
  return { usePatchStudy: () => useMutation({ mutationFn: sent }) };
});

// Their first imports take seconds on a busy machine.
beforeAll(() => Promise.all([import("./NoteDialog"), import("./WorkersDialog")]), 60_000);
afterEach(() => {
  cleanup();
  sent.mockReset();
});

function show(content: ReactNode) {
  render(<QueryClientProvider client={new QueryClient()}>{content}</QueryClientProvider>);
}

const job = { id: "digits", note: "Only small networks.", tags: ["baseline", "small data"] };

test("tags lead to the studies that have them, and the note is shown", () => {
  show(<StudyNotes id="digits" job={job} />);
  expect(screen.getByText("Only small networks.")).toBeTruthy();
  expect(screen.getByRole("link", { name: "small data" }).getAttribute("href")).toBe("/history?tag=small+data");
});

test("only what was changed is sent", async () => {
  sent.mockResolvedValue(undefined);
  show(<StudyNotes id="digits" job={job} />);
  fireEvent.click(screen.getByRole("button", { name: "Edit note and tags" }));
  fireEvent.change(await screen.findByRole("textbox", { name: "Tags" }), { target: { value: "baseline, second" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(sent.mock.calls[0]?.[0]).toEqual({ tags: ["baseline", "second"] }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBe(null));
});

test("a refusal is shown, and what was typed stays", async () => {
  sent.mockRejectedValue(new Error("the study was deleted"));
  show(<StudyNotes id="digits" job={{}} />);
  fireEvent.click(screen.getByRole("button", { name: "Add a note or tags" }));
  fireEvent.change(await screen.findByLabelText("Note"), { target: { value: "Hello" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("The study was deleted.")).toBeTruthy();
  expect(screen.getByLabelText<HTMLTextAreaElement>("Note").value).toBe("Hello");
});

test("the workers of a running study can be changed, those of an ended one cannot", async () => {
  sent.mockResolvedValue(undefined);
  const head = {
    status: "running" as const,
    reason: null,
    cancel_requested_at: null,
    totalTrials: 10,
    performedTrials: 4,
  };
  show(<StudyActions id="digits" head={head} workers={2} />);
  fireEvent.click(screen.getByRole("button", { name: "Workers: 2" }));
  fireEvent.change(await screen.findByLabelText("Trials at the same time"), { target: { value: "4" } });
  expect(screen.getByText(/as soon as the machines have room/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Change" }));
  await waitFor(() => expect(sent.mock.calls[0]?.[0]).toEqual({ concurrent_workers: 4 }));
  cleanup();
  show(<StudyActions id="digits" head={{ ...head, status: "completed" }} workers={2} />);
  expect(screen.queryByRole("button", { name: /^Workers/ })).toBe(null);
});
