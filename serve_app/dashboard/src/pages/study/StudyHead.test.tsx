// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { useJob } from "../../api/useJob";
import { StudyHead } from "./StudyHead";

afterEach(cleanup);

function show(reason: string) {
  const progress = { trials_performed: 6, total_trials: 1000 };
  const data = { id: "digits", status: "completed", reason, mode: "health", dataset: "mnist", progress, tags: [] };
  const job = { data, isError: false } as unknown as ReturnType<typeof useJob>;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <StudyHead id="digits" job={job} />
    </QueryClientProvider>,
  );
}

test("why a study ended stands beside its status, if its time is used up", () => {
  show("time budget of 120 s used up");
  expect(screen.getByText("Its time of 2 min is used up").previousElementSibling?.textContent).toBe("Completed");
  cleanup();
  show("all trials done");
  expect(screen.queryByText(/used up/)).toBe(null);
});
