// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Tabs } from "./Tabs";

const LABELS = ["Live", "Trials", "Log"];
const tabs = (current: string) => LABELS.map((label) => ({ href: `/${label}`, label, current: label === current }));

/** The bar shows 200 px; each tab has 150 px. */
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockImplementation(function (this: HTMLElement) {
    const bar = this.closest("nav");
    const at = LABELS.indexOf(this.textContent ?? "");
    return this === bar ? new DOMRect(0, 0, 200, 40) : new DOMRect(150 * at - (bar?.scrollLeft ?? 0), 0, 150, 40);
  });
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("the chosen tab is brought into view, when the page is shown and when another one is chosen", () => {
  const { rerender } = render(<Tabs label="Pages" tabs={tabs("Log")} />);
  const bar = screen.getByRole("navigation");
  expect(bar.scrollLeft).toBe(275);
  rerender(<Tabs label="Pages" tabs={tabs("Trials")} />);
  expect(bar.scrollLeft).toBe(125);
});
