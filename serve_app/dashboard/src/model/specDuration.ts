/** Durations as people type them: "90 s", "15 min", "1 h 30 min", "1h30", "1:30", "2 weeks". */

const SECONDS: Record<string, number> = { s: 1, min: 60, h: 3_600, d: 86_400, w: 604_800 };
const UNITS: Record<string, string> = {
  ...{ s: "s", sec: "s", secs: "s", second: "s", seconds: "s" },
  ...{ m: "min", min: "min", mins: "min", minute: "min", minutes: "min" },
  ...{ h: "h", hr: "h", hrs: "h", hour: "h", hours: "h", d: "d", day: "d", days: "d" },
  ...{ w: "w", wk: "w", wks: "w", week: "w", weeks: "w" },
};
/** The unit of a number that stands after a value of this unit: "1h30" is an hour and 30 minutes. */
const NEXT: Record<string, string> = { w: "d", d: "h", h: "min", min: "s" };
const PART = /^(\d+(?:[.,]\d+)?)\s*([a-z]*)\s*/;
const CLOCK = /^(\d+):([0-5]?\d)(?::([0-5]?\d))?$/;

/** The unit of a number without one: a time limit counts minutes, as people think of it; other fields show seconds. */
export function unitOf(name: string): "min" | "s" {
  return name === "time_budget_s" ? "min" : "s";
}

/** Seconds of a text; a number without a unit has the unit `bare`. Null if the text is no duration. */
export function seconds(text: string, bare: "min" | "s" = "s"): number | null {
  let rest = text.trim().toLowerCase();
  if (rest === "") return null;
  if (Number.isFinite(Number(rest))) return exact(Number(rest) * (SECONDS[bare] ?? 1));
  const clock = CLOCK.exec(rest);
  if (clock) return Number(clock[1]) * 3_600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0);
  let total = 0;
  let before = "";
  while (rest !== "") {
    const found = PART.exec(rest);
    const unit = found?.[2] === "" ? NEXT[before] : UNITS[found?.[2] ?? ""];
    if (!found || unit === undefined) return null;
    total += Number(found[1]?.replace(",", ".")) * (SECONDS[unit] ?? 1);
    rest = rest.slice(found[0].length);
    before = unit;
  }
  return exact(total);
}

function exact(total: number): number {
  return Number(total.toPrecision(12));
}

/** Seconds as a text that `seconds` reads back without loss, whatever the unit of a bare number: 5400 is "1 h 30 min". */
export function durationText(value: number): string {
  if (!Number.isInteger(value) || value <= 0) return `${value} s`;
  const parts: string[] = [];
  let rest = value;
  for (const unit of ["h", "min", "s"]) {
    const size = SECONDS[unit] ?? 1;
    const number = Math.floor(rest / size);
    if (number > 0) parts.push(`${number} ${unit}`);
    rest -= number * size;
  }
  return parts.join(" ");
}

/** How a typed duration was understood, where that does not go without saying: "15" and "1:30", but not "15 min". */
export function understood(text: string, bare: "min" | "s"): string | null {
  const found = seconds(text, bare);
  if (found === null || found <= 0) return null;
  const written = durationText(found);
  const plain = (words: string) => words.toLowerCase().replace(/\s/g, "");
  return plain(written) === plain(text) ? null : written;
}
