// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LiveStudy } from "../../live/store";
import { liveStore } from "../../live/store";
import LogPage from "./LogPage";

const read = vi.hoisted(() => vi.fn());
vi.mock("../../api/logPart", () => ({ LAST_LINES: 10_000, readLogPart: read, readWholeLog: vi.fn() }));

const told = (sequence: number, status: LiveStudy["status"] = "running") =>
  liveStore.setState({
    study: { id: "digits", sequence, status, progress: { elapsed_time: sequence } } as unknown as LiveStudy,
  });

beforeEach(() => {
  vi.useFakeTimers();
  window.history.replaceState(null, "", "/s/digits/log");
  read.mockReset();
  read.mockResolvedValueOnce({ lines: ["2026-11-29T22:31:31Z ERROR the study failed"], next_offset: 40 });
  read.mockResolvedValue({ lines: [], next_offset: 40 });
  told(1);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("nothing is asked while nothing happens, and at most once a second while much does", async () => {
  render(<LogPage id="digits" />);
  await pass(30_000);
  expect(read.mock.calls.map((call) => call[1])).toEqual([null]);
  for (let event = 2; event <= 40; event += 1) {
    told(event);
    await pass(50);
  }
  await pass(5_000);
  expect(read.mock.calls.length).toBeGreaterThanOrEqual(3);
  expect(read.mock.calls.length).toBeLessThanOrEqual(5);
  expect(read.mock.calls[1]?.[1]).toBe(40);
});

test("after the end the last lines are read", async () => {
  render(<LogPage id="digits" />);
  await pass(5_000);
  told(2, "completed");
  await pass(10_000);
  expect(read).toHaveBeenCalledTimes(3);
});

test("errors only, and find, are in the address", async () => {
  render(<LogPage id="digits" />);
  await pass(100);
  fireEvent.click(screen.getByLabelText("Errors only"));
  expect(window.location.search).toBe("?errors=1");
  fireEvent.change(screen.getByLabelText("Find in the log"), { target: { value: "FAILED" } });
  expect(window.location.search).toBe("?errors=1&find=FAILED");
  expect(screen.getByText("1 found")).toBeTruthy();
});

test("a log that cannot be read says why, and can be tried again", async () => {
  read.mockReset();
  read.mockRejectedValueOnce(new Error("the log of study 'digits' is on node a"));
  read.mockResolvedValue({ lines: ["hello"], next_offset: 6 });
  render(<LogPage id="digits" />);
  await pass(100);
  expect(screen.getByText("The log of study 'digits' is on node a.")).toBeTruthy();
  fireEvent.click(screen.getByText("Try again"));
  await pass(100);
  expect(screen.getByText("1 line. Times are UTC.")).toBeTruthy();
});
