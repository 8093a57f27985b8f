// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { useJob } from "../../api/useJob";
import { StudyHead } from "./StudyHead";

vi.mock("./StudyActions", () => ({ StudyActions: () => null }));
vi.mock("./StudyNotes", () => ({ StudyNotes: () => null }));

afterEach(cleanup);

function show(status: string): void {
  const progress = { total_trials: 7, trials_performed: 7 };
  const data = { id: "digits", status, progress, reason: null, cancel_requested_at: null, mode: "simple" };
  render(<StudyHead id="digits" job={{ data } as unknown as ReturnType<typeof useJob>} />);
}

test("a study that has begun has a report, which opens in a new tab", () => {
  show("completed");
  const link = screen.getByRole("link", { name: /^Report/ });
  expect(link.getAttribute("href")).toBe("/jobs/digits/report");
  expect(link.getAttribute("target")).toBe("_blank");
  expect(link.getAttribute("rel")).toBe("noopener");
  expect(link.title).toContain("takes some seconds");
});

test("a study that waits to start has none", () => {
  show("created");
  expect(screen.queryByRole("link", { name: /^Report/ })).toBe(null);
});
