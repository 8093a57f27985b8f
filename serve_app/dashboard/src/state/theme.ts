/** The theme: the system's unless one was chosen. The choice is taste, so it is kept in this browser only. */
import { useSyncExternalStore } from "react";

export type ThemeChoice = "system" | "light" | "dark";

const KEY = "tuner.theme";
const listeners = new Set<() => void>();

export function chosenTheme(): ThemeChoice {
  try {
    const chosen = localStorage.getItem(KEY);
    return chosen === "dark" || chosen === "light" ? chosen : "system";
  } catch {
    return memory; // storage is forbidden: the choice holds until the page is left
  }
}

let memory: ThemeChoice = "system";

export function chooseTheme(choice: ThemeChoice): void {
  memory = choice;
  try {
    if (choice === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // see chosenTheme
  }
  show();
}

function show(): void {
  const choice = chosenTheme();
  const dark = choice === "dark" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  for (const listener of listeners) listener();
}

/** Follows the system and the other tabs of this browser. */
export function followTheme(): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = (event: StorageEvent) => event.key === KEY && show();
  system.addEventListener("change", show);
  window.addEventListener("storage", stored);
  return () => {
    system.removeEventListener("change", show);
    window.removeEventListener("storage", stored);
  };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, chosenTheme);
}
