// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Timeline } from "../../model/analysis/timeline";
import { TimelineFigure } from "./TimelineFigure";

beforeEach(() => {
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, value: 500 });
});
afterEach(cleanup);

const HOUR = 3_600_000;
const line = (...times: [from: number, to: number][]): Timeline => ({
  lanes: [
    { node: null, spans: times.map(([from, to], at) => ({ number: at + 1, status: "failed", from, to })), gaps: [] },
  ],
  from: 0,
  to: HOUR,
  busy: 1,
  longest: null,
  missing: 0,
});
const show = (of: Timeline) => render(<TimelineFigure title="Trials over time" line={of} isSelected={() => true} />);

test("says how many trials are too short to draw", () => {
  const { container } = show(line([0, HOUR / 2], [HOUR / 2, HOUR / 2 + 10], [HOUR / 2 + 10, HOUR / 2 + 20]));
  expect(screen.getByText("Very short trials are not drawn: 2. The table lists them.")).toBeTruthy();
  expect(container.querySelectorAll("svg rect")).toHaveLength(1);
});

test("says nothing where all are drawn", () => {
  show(line([0, HOUR / 2], [HOUR / 2, HOUR]));
  expect(screen.queryByText(/not drawn/)).toBeNull();
});
