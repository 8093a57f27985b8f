import { useEffect, useState } from "react";

/** Colours of the theme for drawings that cannot use CSS variables. */
export interface ThemeColours {
  surface: string;
  text: string;
  muted: string;
  line: string;
  accent: string;
}

/** The theme's colours, again after each change of the theme. */
export function useThemeColours(): ThemeColours {
  const [colours, setColours] = useState(themeColours);
  useEffect(() => {
    const update = () => setColours(themeColours());
    update();
    const observer = new MutationObserver(update);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => observer.disconnect();
  }, []);
  return colours;
}

function themeColours(): ThemeColours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string, otherwise: string): string => {
    const value = style.getPropertyValue(name).trim();
    // A minified style sheet may shorten #ffffff to #fff.
    if (/^#[0-9a-f]{3}$/i.test(value)) return `#${[...value.slice(1)].map((digit) => digit + digit).join("")}`;
    return /^#[0-9a-f]{6}$/i.test(value) ? value : otherwise;
  };
  return {
    surface: of("--surface", "#ffffff"),
    text: of("--main", "#16181d"),
    muted: of("--muted", "#545b67"),
    line: of("--faint", "#626975"),
    accent: of("--accent", "#1f5fd6"),
  };
}
