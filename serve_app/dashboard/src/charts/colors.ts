/**
 * Colours of curves. Seven hues that people with any colour vision tell apart (after Okabe and Ito, 2008), each with a
 * contrast of at least 3 on the surface of both themes. A trial has the same colour everywhere.
 */
export const SERIES_COLORS = ["#2f7fd6", "#d9600b", "#12936c", "#b565a7", "#a97a00", "#3a93b8", "#7d8590"] as const;

/** The colour of the trial with this number, from 1. */
export function trialColor(number: number): string {
  const place = (((Math.trunc(number) - 1) % SERIES_COLORS.length) + SERIES_COLORS.length) % SERIES_COLORS.length;
  return SERIES_COLORS[place] ?? SERIES_COLORS[0];
}

export interface ThemeColors {
  main: string;
  muted: string;
  line: string;
  surface: string;
}

/** The colours of the present theme, for drawings on a canvas. */
export function themeColors(element: Element): ThemeColors {
  const style = getComputedStyle(element);
  const read = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback;
  return {
    main: read("--main", "#16181d"),
    muted: read("--muted", "#545b67"),
    line: read("--line", "#dfe2e7"),
    surface: read("--surface", "#ffffff"),
  };
}
