// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { StudyActions } from "./StudyActions";
import type { Head } from "./useHead";

const refused = vi.hoisted(() => vi.fn());
vi.mock("../../api/useStudyActions", async () => {
  const { useMutation } = await import("@tanstack/react-query");
  return {
    useCancelStudy: () => useMutation({ mutationFn: refused }),
    useResumeStudy: () => useMutation({ mutationFn: refused }),
  };
});

afterEach(cleanup);

const running: Head = {
  status: "running",
  reason: null,
  cancel_requested_at: null,
  totalTrials: 10,
  performedTrials: 4,
};
const cancelling: Head = { ...running, cancel_requested_at: "2026-11-29T12:00:00Z" };
const cancelled: Head = { ...cancelling, status: "cancelled" };

function show(head: Head) {
  const client = new QueryClient();
  const page = (shown: Head) => (
    <QueryClientProvider client={client}>
      <StudyActions id="digits" head={shown} />
    </QueryClientProvider>
  );
  const { rerender } = render(page(head));
  return (next: Head) => rerender(page(next));
}

/** What stands from Cancel to the right end, where the pointer is. */
function fromCancel(): string[] {
  const group = screen.getByRole("button", { name: "Delete" }).parentElement;
  const words = [...(group?.children ?? [])].map((child) => child.textContent ?? "");
  return words.slice(words.findIndex((word) => word.startsWith("Cancel")));
}

test("no other button comes under the pointer when Cancel has taken effect", () => {
  const then = show(running);
  expect(fromCancel()).toEqual(["Cancel", "Run again with changes", "Delete"]);
  then(cancelling);
  expect(fromCancel()).toEqual(["Cancelling", "Run again with changes", "Delete"]);
  then(cancelled);
  expect(fromCancel()).toEqual(["Cancelled", "Run again with changes", "Delete"]);
  expect(screen.getByRole("button", { name: "Cancelled" }).hasAttribute("disabled")).toBe(true);
  expect(screen.getByRole("button", { name: "More trials" })).toBeTruthy();
});

test("a study that ended before the page opened has no Cancel", () => {
  show(cancelled);
  expect(screen.queryByRole("button", { name: /^Cancel/ })).toBe(null);
});

test("a message stands below the buttons, whose group it does not widen", async () => {
  refused.mockRejectedValueOnce(new Error("the study has just ended"));
  show(running);
  fireEvent.click(screen.getByRole("button", { name: "Cancel" }));
  const message = await screen.findByText("The study has just ended.");
  const group = screen.getByRole("button", { name: "Delete" }).parentElement;
  expect(group?.contains(message)).toBe(false);
});
