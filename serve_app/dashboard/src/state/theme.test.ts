// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import { chooseTheme, chosenTheme, followTheme } from "./theme";

/** A system whose colours change when the test says so. */
const system = { dark: false, listeners: new Set<() => void>() };

function setSystem(dark: boolean): void {
  system.dark = dark;
  for (const listener of system.listeners) listener();
}

const shown = () => document.documentElement.dataset.theme;

beforeEach(() => {
  localStorage.clear();
  system.dark = false;
  system.listeners.clear();
  vi.stubGlobal("matchMedia", () => ({
    get matches() {
      return system.dark;
    },
    addEventListener: (_: string, listener: () => void) => system.listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => system.listeners.delete(listener),
  }));
  chooseTheme("system");
});

test("without a choice the page follows the system, also while it is open", () => {
  const leave = followTheme();
  expect(shown()).toBe("light");
  setSystem(true);
  expect(shown()).toBe("dark");
  leave();
  setSystem(false);
  expect(shown()).toBe("dark");
});

test("a choice outlives the page and the system's colours", () => {
  followTheme();
  chooseTheme("dark");
  setSystem(false);
  expect(shown()).toBe("dark");
  expect(chosenTheme()).toBe("dark");
  chooseTheme("system");
  expect(shown()).toBe("light");
  expect(localStorage.length).toBe(0);
});

test("a choice in another tab is taken over", () => {
  followTheme();
  localStorage.setItem("tuner.theme", "dark");
  window.dispatchEvent(new StorageEvent("storage", { key: "tuner.theme" }));
  expect(shown()).toBe("dark");
});

test("a stored text that is no theme counts as none", () => {
  localStorage.setItem("tuner.theme", "purple");
  expect(chosenTheme()).toBe("system");
});

test("where storage is forbidden the choice holds until the page is left", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("forbidden", "SecurityError");
  });
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
    throw new DOMException("forbidden", "SecurityError");
  });
  chooseTheme("dark");
  expect(chosenTheme()).toBe("dark");
  expect(shown()).toBe("dark");
  vi.restoreAllMocks();
});
