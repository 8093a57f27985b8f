/** The search space in the form: one row per parameter, and how a person narrows it in one line of text. */
import { type Json, matches } from "./specOptions";

/** A row of `search_space` in `GET /options`; a series such as `filters_1 ... 8` is one row. */
export interface SpaceRow {
  name: string;
  range: string;
  widest: string;
  only_with: string;
  meaning: string;
}

export interface SpaceParameter {
  name: string;
  meaning: string;
  /** Its default values; several where they depend on another parameter. */
  ranges: { range: string; onlyWith: string }[];
  /** The widest values that a study may ask for; empty if there are no wider ones. */
  widest: string;
  /** Whether it has a range, so that a scale can be chosen. */
  numeric: boolean;
}

/** How one parameter is narrowed: values as typed ("relu", "32, 64", "1e-4..1e-2"), scale, and a value believed good. */
export interface Narrowing {
  values: string;
  scale?: "log" | "linear";
  prior?: string;
}

export type Scalar = string | number | boolean;

/** An override of the search space, as a study's spec holds it. */
export interface Override {
  low?: number | null;
  high?: number | null;
  log?: boolean | null;
  choices?: readonly Scalar[] | null;
  prior?: Scalar | null;
}

const NUMBER = "[-+]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][-+]?\\d+)?";
const RANGE = new RegExp(`^\\s*(${NUMBER})?\\s*\\.\\.\\s*(${NUMBER})?\\s*$`);
const WHOLE_NUMBER = new RegExp(`^${NUMBER}$`);

/** One parameter per name: series are written out, variants of a name are joined. */
export function spaceParameters(rows: readonly SpaceRow[]): SpaceParameter[] {
  const found = new Map<string, SpaceParameter>();
  for (const row of rows) {
    for (const name of namesOf(row.name)) {
      const one = found.get(name) ?? { name, meaning: row.meaning, ranges: [], widest: row.widest, numeric: false };
      one.ranges.push({ range: row.range, onlyWith: row.only_with });
      one.numeric ||= row.range.includes("..");
      found.set(name, one);
    }
  }
  return [...found.values()];
}

/** The names of a row: `filters_1 ... 3` stands for filters_1, filters_2 and filters_3. */
export function namesOf(name: string): string[] {
  const series = /^(.+_)(\d+) \.\.\. (\d+)$/.exec(name);
  if (!series) return [name];
  const [, stem = "", first = "", last = ""] = series;
  const count = Number(last) - Number(first) + 1;
  return Array.from({ length: count }, (_, place) => `${stem}${Number(first) + place}`);
}

export function searchedParameters(parameters: readonly SpaceParameter[], search: string): SpaceParameter[] {
  return parameters.filter((one) => matches(search, one.name, one.meaning, "search space"));
}

/** Whether nothing is asked for. */
export function isEmpty(narrowing: Narrowing): boolean {
  return narrowing.values.trim() === "" && !narrowing.scale && !(narrowing.prior ?? "").trim();
}

/** A typed value: a number, true or false where it reads as one, else the text itself; quotes make it a text. */
export function scalar(text: string): Scalar {
  const written = text.trim();
  if (written === "true" || written === "false") return written === "true";
  if (WHOLE_NUMBER.test(written)) return Number(written);
  const quoted = /^(["'])(.*)\1$/s.exec(written);
  return quoted?.[2] ?? written;
}

/** The override in the shortest form that the API takes. */
export function overrideOf(narrowing: Narrowing): Json {
  const values = narrowing.values.trim();
  const rest: { [name: string]: Json } = {};
  if (narrowing.scale) rest.log = narrowing.scale === "log";
  if (narrowing.prior?.trim()) rest.prior = scalar(narrowing.prior);
  const range = values.includes("..") ? RANGE.exec(values) : null;
  if (range && (range[1] || range[2])) {
    if (range[1] && range[2] && Object.keys(rest).length === 0) return values.replace(/\s/g, "");
    if (range[1]) rest.low = Number(range[1]);
    if (range[2]) rest.high = Number(range[2]);
    return rest;
  }
  if (values === "") return rest;
  const list = listOf(values);
  if (Object.keys(rest).length > 0) return { choices: list ?? [scalar(values)], ...rest };
  return list ?? scalar(values);
}

/** The elements of a list such as "32, 64" or "[adam, sgd]"; null if the text is one value. */
function listOf(text: string): Scalar[] | null {
  const inside = /^\[(.*)\]$/s.exec(text)?.[1] ?? text;
  if (inside === text && !text.includes(",")) return null;
  const parts = inside.match(/"[^"]*"|'[^']*'|[^,]+/g) ?? [];
  return parts
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(scalar);
}

/** The text and parts that stand for an override of an existing study. */
export function narrowingOf(override: Override): Narrowing {
  const narrowing: Narrowing = { values: "" };
  const { low, high, log, choices, prior } = override;
  if (choices) narrowing.values = choices.map((choice) => written(choice, choices.length > 1)).join(", ");
  else if (low != null || high != null) narrowing.values = `${low ?? ""}..${high ?? ""}`;
  if (log != null) narrowing.scale = log ? "log" : "linear";
  if (prior != null) narrowing.prior = written(prior, false);
  return narrowing;
}

/** A value so that `scalar` reads the same back. */
function written(value: Scalar, inList: boolean): string {
  if (typeof value !== "string") return String(value);
  const plain = scalar(value) === value && value === value.trim() && value !== "" && !value.includes("..");
  if (plain && !/^\[/.test(value) && !value.includes(",")) return value;
  return inList || !value.includes('"') ? `"${value}"` : value;
}

/** The narrowing with some of its parts replaced; empty parts are left out. */
export function withPart(narrowing: Narrowing, part: Partial<Narrowing>): Narrowing {
  const { values, scale, prior } = { ...narrowing, ...part };
  return { values, ...(scale ? { scale } : {}), ...(prior ? { prior } : {}) };
}

/** Parameters that a copied study narrows although the default space lacks them, as those of an own model. */
export function ownParameters(names: readonly string[], parameters: readonly SpaceParameter[]): SpaceParameter[] {
  const known = new Set(parameters.map((one) => one.name));
  const own = names.filter((name) => !known.has(name));
  return own.map((name) => ({ name, meaning: "", ranges: [], widest: "", numeric: true }));
}
