/** Durations as people type them: "90", "15 min", "1 h 30 min". */

const SECONDS: Record<string, number> = { s: 1, min: 60, h: 3_600, d: 86_400 };
const UNITS: Record<string, string> = {
  ...{ s: "s", sec: "s", secs: "s", second: "s", seconds: "s" },
  ...{ m: "min", min: "min", mins: "min", minute: "min", minutes: "min" },
  ...{ h: "h", hr: "h", hrs: "h", hour: "h", hours: "h", d: "d", day: "d", days: "d" },
};
const PART = /^(\d+(?:[.,]\d+)?)\s*([a-z]+)\s*/;

/** Seconds of a text; a number without a unit counts seconds. Null if the text is no duration. */
export function seconds(text: string): number | null {
  let rest = text.trim().toLowerCase();
  if (rest === "") return null;
  if (Number.isFinite(Number(rest))) return Number(rest);
  let total = 0;
  while (rest !== "") {
    const found = PART.exec(rest);
    const unit = UNITS[found?.[2] ?? ""];
    if (!found || unit === undefined) return null;
    total += Number(found[1]?.replace(",", ".")) * (SECONDS[unit] ?? 1);
    rest = rest.slice(found[0].length);
  }
  return Number(total.toPrecision(12));
}

/** Seconds as a text that `seconds` reads back without loss: 5400 is "1 h 30 min". */
export function durationText(value: number): string {
  if (!Number.isInteger(value) || value <= 0) return String(value);
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
