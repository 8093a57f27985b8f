// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { keys } from "../../api/keys";
import { tellSession } from "../../api/sessionNews";
import Search from "./Search";
import { Shell } from "./Shell";

vi.mock("../../live/feed", () => ({ startFeed: () => {}, retryNow: () => {} }));

afterEach(cleanup);

function show(content: ReactNode) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  client.setQueryData(keys.session, { login_required: true, logged_in: true });
  client.setQueryData(keys.jobs, { items: [], next_cursor: null });
  render(<QueryClientProvider client={client}>{content}</QueryClientProvider>);
}

function seek(query: string) {
  fireEvent.change(screen.getByRole("combobox"), { target: { value: query } });
  return screen.queryAllByRole("option").map((option) => option.textContent);
}

test("the search finds a trial of the open study by its number and by its name", () => {
  window.history.replaceState(null, "", "/s/digits");
  show(<Search onClose={() => {}} />);
  for (const query of ["3", "trial 3", "Trial #3"]) expect(seek(query)[0]).toBe("Trial 3Page");
});

test("the search opens the report of the open study in a new tab, and finds its pages first", () => {
  window.history.replaceState(null, "", "/s/digits");
  const open = vi.spyOn(window, "open").mockReturnValue(null);
  show(<Search onClose={() => {}} />);
  for (const [query, label] of [
    ["analysis", "This study: analysis"],
    ["compare", "This study: compare trials"],
    ["try", "This study: try the model"],
    ["log", "This study: log"],
    ["report", "This study: report"],
  ] as const) {
    expect(seek(query)[0]).toBe(`${label}Page`);
  }
  fireEvent.keyDown(screen.getByRole("combobox"), { key: "Enter" });
  expect(open).toHaveBeenCalledWith("/jobs/digits/report", "_blank", "noopener");
});

test("without an open study it says where trials are found", () => {
  window.history.replaceState(null, "", "/");
  show(<Search onClose={() => {}} />);
  expect(seek("trial 3")).toEqual([]);
  expect(screen.getByText(/Open a study first/)).toBeTruthy();
  seek("zebra");
  expect(screen.getByText("Nothing has this name.")).toBeTruthy();
});

test("a logout in another tab ends this page, which leads back after a login", async () => {
  window.history.replaceState(null, "", "/s/digits?trial=3");
  const assign = vi.spyOn(window.location, "assign").mockImplementation(() => {});
  show(<Shell>content</Shell>);
  expect(screen.getByRole("link", { name: "All studies" }).getAttribute("href")).toBe("/");
  tellSession("logged-out");
  await waitFor(() => expect(assign).toHaveBeenCalledWith("/login?next=%2Fs%2Fdigits%3Ftrial%3D3"));
});
