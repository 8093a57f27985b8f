// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { scrollHint } from "./scrollHint";

function box(width: number): HTMLElement {
  const element = document.createElement("div");
  Object.defineProperties(element, { clientWidth: { value: 360 }, scrollWidth: { value: width } });
  return element;
}

test("what is wider than its box is marked until its end is in view", () => {
  const wide = box(900);
  const end = scrollHint(wide);
  expect(wide.hasAttribute("data-more")).toBe(true);
  wide.scrollLeft = 540;
  wide.dispatchEvent(new Event("scroll"));
  expect(wide.hasAttribute("data-more")).toBe(false);
  end?.();
  wide.scrollLeft = 0;
  wide.dispatchEvent(new Event("scroll"));
  expect(wide.hasAttribute("data-more")).toBe(false);
});

test("what fits is not marked", () => {
  const narrow = box(360);
  scrollHint(narrow);
  expect(narrow.hasAttribute("data-more")).toBe(false);
});
