/** The search parameters of a list of trials: what a link to it shows. The names of conditions are those of the API. */
import { readSelection, type Selection, writeSelection } from "./analysis/selection";
import { type ChipGroup, NO_FILTER, type Range, type TrialFilter } from "./trialFilter";
import { BY_NUMBER, readSort, type TrialSort, writeSort } from "./trialSort";

export interface TrialView {
  filter: TrialFilter;
  sort: TrialSort;
  as: "gallery" | "table";
  /** Keys of the table's columns; empty: the first choice. */
  columns: readonly string[];
}

export type RangeName = "accuracy" | "parameters" | "duration";

export const RANGES: readonly RangeName[] = ["accuracy", "parameters", "duration"];
export const CHIP_GROUPS: readonly ChipGroup[] = ["status", "architecture", "cause"];

type Changes = Record<string, string | null>;

export function readTrialView(search: string): TrialView {
  const params = new URLSearchParams(search);
  const list = (name: string): string[] => params.get(name)?.split(",").filter(Boolean) ?? [];
  const range = (name: RangeName): Range => ({
    min: finite(params.get(`min_${name}`)),
    max: finite(params.get(`max_${name}`)),
  });
  return {
    filter: {
      text: params.get("containing") ?? "",
      status: list("status"),
      architecture: list("architecture"),
      cause: list("cause"),
      front: params.get("front") === "1",
      starred: params.get("starred") === "1",
      selection: readSelection(params.get("trials")),
      accuracy: range("accuracy"),
      parameters: range("parameters"),
      duration: range("duration"),
    },
    sort: readSort(params.get("sort") ?? ""),
    as: params.get("view") === "table" ? "table" : "gallery",
    columns: list("columns"),
  };
}

export function writeText(text: string): Changes {
  return { containing: text.trim() === "" ? null : text };
}

export function writeChips(group: ChipGroup, names: readonly string[]): Changes {
  return { [group]: listed(names) };
}

export function writeStarred(only: boolean): Changes {
  return { starred: only ? "1" : null };
}

export function writeFront(only: boolean): Changes {
  return { front: only ? "1" : null };
}

/** The selection of the page of analyses has the same name in its address. */
export function writeSelected(selection: Selection): Changes {
  return { trials: writeSelection(selection) };
}

export function writeRange(name: RangeName, range: Range): Changes {
  const text = (end: number | null): string | null => (end === null ? null : String(end));
  return { [`min_${name}`]: text(range.min), [`max_${name}`]: text(range.max) };
}

export function writeOrder(sort: TrialSort): Changes {
  const text = writeSort(sort);
  return { sort: text === writeSort(BY_NUMBER) ? null : text };
}

export function writeAs(as: TrialView["as"]): Changes {
  return { view: as === "table" ? as : null };
}

export function writeColumns(keys: readonly string[]): Changes {
  return { columns: listed(keys) };
}

/** Removes every condition; the order and the columns stay. */
export function writeNoFilter(): Changes {
  const changes: Changes = { ...writeText(NO_FILTER.text), ...writeFront(NO_FILTER.front) };
  Object.assign(changes, writeSelected(NO_FILTER.selection), writeStarred(NO_FILTER.starred));
  for (const group of CHIP_GROUPS) Object.assign(changes, writeChips(group, []));
  for (const name of RANGES) Object.assign(changes, writeRange(name, NO_FILTER[name]));
  return changes;
}

/** The chips of a group after a click on one of them. */
export function toggled(names: readonly string[], name: string): string[] {
  return names.includes(name) ? names.filter((other) => other !== name) : [...names, name];
}

/** Whether a text is a number or empty. */
export function isBound(text: string): boolean {
  return text.trim() === "" || readBound(text, 1) !== null;
}

/** Why a range finds nothing; null: it can find something. */
export function rangeFault({ min, max }: Range): string | null {
  return min !== null && max !== null && min > max ? "Nothing matches: “from” is above “to”." : null;
}

/**
 * A number that a person typed, as "80", "80 %" or "1,000"; null: an empty or unreadable text, which is no bound. `unit`
 * is what 1 of it counts.
 */
export function readBound(text: string, unit: number): number | null {
  const number = finite(text.replaceAll(",", "").replace(/\s*(%|s)\s*$/, ""));
  return number === null ? null : Number((number * unit).toPrecision(12));
}

export function writeBound(bound: number | null, unit: number): string {
  return bound === null ? "" : String(Number((bound / unit).toPrecision(12)));
}

function finite(text: string | null): number | null {
  const number = text === null || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}

function listed(names: readonly string[]): string | null {
  return names.length === 0 ? null : names.join(",");
}
