/** What may be typed into a number field, in words that are made of its type and its limits. */
import { count } from "./format";
import { isNumeric, type SpecOption } from "./specOptions";

/** Limits from which on a number is as good as unlimited. */
const UNLIMITED = 1e9;
const DAY_S = 86_400;

/** "A whole number from 1 to 100,000, or auto."; null for a field that takes no number. */
export function allowedWords(option: SpecOption): string | null {
  if (!isNumeric(option)) return null;
  const others = [...(option.choices ?? []).map(String), ...(option.nullable ? ["none"] : [])];
  return `${kind(option)}${others.map((other) => `, or ${other}`).join("")}.`;
}

function kind(option: SpecOption): string {
  if (option.name.endsWith("_s")) return `A time such as 15 min or 1 h 30 min${atMostDays(option.maximum)}`;
  const range = rangeOf(option);
  if (option.type === "integer") return `A whole number${range}`;
  return isShare(option) ? `A number${range}, or a percentage such as 50 %` : `A number${range}`;
}

function atMostDays(maximum: number | null | undefined): string {
  return maximum == null ? "" : `, at most ${count(Math.floor(maximum / DAY_S))} day${maximum < 2 * DAY_S ? "" : "s"}`;
}

function rangeOf({ minimum, maximum, exclusive_minimum: above, exclusive_maximum: below }: SpecOption): string {
  const hasUpper = (maximum ?? below ?? UNLIMITED) < UNLIMITED;
  if (minimum != null && maximum != null && hasUpper) return ` from ${written(minimum)} to ${written(maximum)}`;
  const lower = minimum != null ? ` of at least ${written(minimum)}` : above != null ? ` above ${written(above)}` : "";
  if (!hasUpper) return lower;
  const upper = maximum != null ? `at most ${written(maximum)}` : `below ${written(below ?? 0)}`;
  return lower === "" ? `, ${upper}` : `${lower}, ${upper}`;
}

function isShare({ minimum, maximum, exclusive_minimum: above, exclusive_maximum: below }: SpecOption): boolean {
  return (minimum ?? above) === 0 && (maximum ?? below) === 1;
}

function written(limit: number): string {
  return Number.isInteger(limit) ? count(limit) : String(limit);
}

/** How the server's checks say that a number is missing, or is out of its limits. */
const OF_NUMBERS =
  /^must be (?:a (?:valid |finite )?(?:integer|number)|greater than|less than|at least|at most|'?(?:auto|true)\b|a valid boolean)/;

/** The message of a field in words for the form: what to type, where a number is wrong; else as the server says it. */
export function fieldWords(message: string, option: SpecOption | undefined): string {
  return (option && OF_NUMBERS.test(message) ? allowedWords(option) : null) ?? message;
}
