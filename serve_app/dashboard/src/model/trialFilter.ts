/**
 * Which trials a list shows. All conditions must hold; within one row of chips any chosen one is enough.
 * Everything is plain loops over arrays: 10,000 trials take a few milliseconds.
 */

import { NO_SELECTION, type Selection, selects } from "./analysis/selection";
import { scoresOf, type TrialRecord } from "./trialRecord";
import { architectureWords, causeWords, STATUSES, statusWords } from "./trialWords";

/** Both ends are included; null leaves an end open. */
export interface Range {
  min: number | null;
  max: number | null;
}

export interface TrialFilter {
  text: string;
  status: readonly string[];
  architecture: readonly string[];
  cause: readonly string[];
  /** Only trials on the Pareto front, which the list knows (see `frontOf`). */
  front: boolean;
  /** Only trials with a star. */
  starred: boolean;
  /** What was selected on the page of analyses. */
  selection: Selection;
  /** Validation accuracy in [0, 1]. */
  accuracy: Range;
  parameters: Range;
  /** Seconds. */
  duration: Range;
}

const ANY: Range = { min: null, max: null };

export const NO_FILTER: TrialFilter = {
  text: "",
  status: [],
  architecture: [],
  cause: [],
  front: false,
  starred: false,
  selection: NO_SELECTION,
  accuracy: ANY,
  parameters: ANY,
  duration: ANY,
};

export type ChipGroup = "status" | "architecture" | "cause";

export interface Chip {
  name: string;
  label: string;
  /** Trials that would show if the chips of this group were only this one. */
  count: number;
  chosen: boolean;
}

export function isFiltered(filter: TrialFilter): boolean {
  const chips = filter.status.length + filter.architecture.length + filter.cause.length;
  const ranges = [filter.accuracy, filter.parameters, filter.duration];
  const told = filter.text.trim() !== "" || filter.front || filter.starred || filter.selection.length > 0;
  return told || chips > 0 || ranges.some(isNarrow);
}

export function isNarrow(range: Range): boolean {
  return range.min !== null || range.max !== null;
}

export function filterTrials<T extends TrialRecord>(trials: Iterable<T>, filter: TrialFilter): T[] {
  const all = [...trials];
  const matches = matcher(filter, all);
  const found: T[] = [];
  for (const trial of all) {
    if (matches(trial)) found.push(trial);
  }
  return found;
}

/** The chips of one group that some trial has, or that are chosen; each with its count under the other conditions. */
export function chips(trials: Iterable<TrialRecord>, filter: TrialFilter, group: ChipGroup): Chip[] {
  const all = [...trials];
  const matches = matcher({ ...filter, [group]: [] }, all);
  const counts = new Map<string, number>();
  // Chips stand in the order of all trials, so that none moves while a person types.
  const totals = new Map<string, number>();
  for (const trial of all) {
    const name = nameOf(trial, group);
    if (name === null) continue;
    counts.set(name, (counts.get(name) ?? 0) + (matches(trial) ? 1 : 0));
    totals.set(name, (totals.get(name) ?? 0) + 1);
  }
  for (const name of filter[group]) {
    if (!counts.has(name)) counts.set(name, 0);
  }
  const found = [...counts].map(([name, count]) => ({
    name,
    label: labelOf(name, group),
    count,
    chosen: filter[group].includes(name),
  }));
  return found.sort((one, other) => {
    if (group === "status") return statusPlace(one) - statusPlace(other);
    return (totals.get(other.name) ?? 0) - (totals.get(one.name) ?? 0) || one.label.localeCompare(other.label);
  });
}

function matcher(filter: TrialFilter, all: readonly TrialRecord[]): (trial: TrialRecord) => boolean {
  const status = new Set(filter.status);
  const architecture = new Set(filter.architecture);
  const cause = new Set(filter.cause);
  const terms = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const termMatchers = terms.map((term) => termMatcher(term, all));
  const isSelected = selects(filter.selection);
  return (trial) =>
    isIn(status, trial.status) &&
    isIn(architecture, trial.architecture?.type ?? null) &&
    isIn(cause, trial.cause) &&
    isWithin(filter.accuracy, scoresOf(trial)?.accuracy ?? null) &&
    isWithin(filter.parameters, trial.architecture?.total_parameters ?? null) &&
    isWithin(filter.duration, trial.duration_seconds) &&
    isSelected(trial) &&
    (!filter.starred || trial.starred === true) &&
    termMatchers.every((matches) => matches(trial));
}

function isIn(chosen: ReadonlySet<string>, name: string | null): boolean {
  return chosen.size === 0 || (name !== null && chosen.has(name));
}

function isWithin(range: Range, value: number | null): boolean {
  if (range.min === null && range.max === null) return true;
  if (value === null) return false;
  return (range.min === null || value >= range.min) && (range.max === null || value <= range.max);
}

/**
 * `17` and `#17` are the trial of this number, or a value that is exactly 17. A word that is the whole value of some
 * trial means this value: "adam" does not find "adamw". Other words match a part of a text.
 */
function termMatcher(term: string, all: readonly TrialRecord[]): (trial: TrialRecord) => boolean {
  const number = /^#\d+$/.test(term) ? Number(term.slice(1)) : null;
  if (number !== null) return (trial) => trial.number === number;
  if (/^\d+$/.test(term)) {
    return (trial) =>
      trial.number === Number(term) || searchText(trial).includes(`=${term} `) || trial.id.includes(term);
  }
  const whole = `=${term} `;
  const isValue = all.some((trial) => searchText(trial).includes(whole));
  return (trial) => searchText(trial).includes(isValue ? whole : term);
}

const texts = new WeakMap<object, string>();

/** A trial's id and hyperparameters as one lower-case text; made once for each set of hyperparameters. */
function searchText(trial: TrialRecord): string {
  let text = texts.get(trial.hyperparameters);
  if (text === undefined) {
    const pairs = Object.entries(trial.hyperparameters).map(([name, value]) => `${name}=${value} `);
    text = `${trial.id} ${pairs.join("")}`.toLowerCase();
    texts.set(trial.hyperparameters, text);
  }
  return text;
}

function nameOf(trial: TrialRecord, group: ChipGroup): string | null {
  return group === "architecture" ? (trial.architecture?.type ?? null) : trial[group];
}

function labelOf(name: string, group: ChipGroup): string {
  if (group === "status") return statusWords(name);
  return group === "cause" ? causeWords(name) : architectureWords(name);
}

function statusPlace(chip: Chip): number {
  const places: readonly string[] = STATUSES;
  return places.indexOf(chip.name);
}
