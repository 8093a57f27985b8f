// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { keys } from "../../api/keys";
import MoreTrialsDialog from "./MoreTrialsDialog";

const resumed = vi.hoisted(() => vi.fn());
vi.mock("../../api/useStudyActions", async () => {
  const { useMutation } = await import("@tanstack/react-query");
  return { useResumeStudy: () => useMutation({ mutationFn: resumed }) };
});

afterEach(() => {
  cleanup();
  resumed.mockReset();
});

function show(time_budget_s: number | null, totalTrials: number) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  client.setQueryData(keys.job("digits"), { spec: { time_budget_s } });
  const head = {
    status: "completed" as const,
    reason: null,
    cancel_requested_at: null,
    totalTrials,
    performedTrials: 6,
  };
  const onClose = vi.fn();
  render(
    <QueryClientProvider client={client}>
      <MoreTrialsDialog id="digits" head={head} onClose={onClose} />
    </QueryClientProvider>,
  );
  return onClose;
}

test("a study with a time budget gets its time once more, not half of the most trials", async () => {
  const onClose = show(120, 1000);
  expect(screen.queryByLabelText("Trials to add")).toBe(null);
  expect(screen.getByText(/what it learned from 6 trials/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Search for another 2 min" }));
  await waitFor(() => expect(resumed.mock.calls[0]?.[0]).toBe(null));
  await waitFor(() => expect(onClose).toHaveBeenCalled());
});

test("any other study gets a number of trials, as one with a time budget that has all its trials", async () => {
  show(null, 6);
  expect(screen.getByLabelText<HTMLInputElement>("Trials to add").value).toBe("3");
  fireEvent.click(screen.getByRole("button", { name: "Add and resume" }));
  await waitFor(() => expect(resumed.mock.calls[0]?.[0]).toBe(9));
  cleanup();
  show(120, 6);
  expect(screen.getByLabelText("Trials to add")).toBeTruthy();
});
