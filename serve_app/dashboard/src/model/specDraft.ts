/** The form of `/new`: what a person typed, field by field, and the spec that it stands for. */
import { seconds, unitOf } from "./specDuration";
import { isNumeric, type Json, type SpecOption } from "./specOptions";
import { isEmpty, type Narrowing, overrideOf } from "./specSpace";
import type { Weights } from "./specWeights";

export type Target = "simple" | "health" | "pareto";
export type SpecBody = { [name: string]: Json };

/** Only what was set: a field that is absent has the server's default. */
export interface Draft {
  values: Readonly<Record<string, string>>;
  space: Readonly<Record<string, Narrowing>>;
  weights: Weights | null;
}

export const EMPTY: Draft = { values: {}, space: {}, weights: null };

/** What a target optimises by itself; a field that says just this needs no mention. */
export const OBJECTIVE_OF: Record<Target, string> = {
  simple: "val_accuracy",
  health: "total_score",
  pareto: "val_accuracy, overall_health",
};

export function isUnset(draft: Draft): boolean {
  return Object.keys(draft.values).length === 0 && Object.keys(draft.space).length === 0 && draft.weights === null;
}

/** Each target has an objective of its own: what was typed for one comes back with it. */
function keyOf(draft: Draft, name: string): string {
  const target = targetOf(draft);
  return name === "objective" && target !== "simple" ? `objective:${target}` : name;
}

/** The text of a field as typed; empty if it has its default. */
export function typed(draft: Draft, name: string): string {
  return draft.values[keyOf(draft, name)] ?? "";
}

/** The draft with one field as typed; an empty text gives it its default again. */
export function withValue(draft: Draft, name: string, text: string): Draft {
  const key = keyOf(draft, name);
  const { [key]: _, ...others } = draft.values;
  return { ...draft, values: text === "" ? others : { ...others, [key]: text } };
}

export function withNarrowing(draft: Draft, name: string, narrowing: Narrowing): Draft {
  const { [name]: _, ...others } = draft.space;
  const nothing = isEmpty(narrowing) && narrowing.values === "" && !narrowing.prior;
  return { ...draft, space: nothing ? others : { ...others, [name]: narrowing } };
}

export function withWeights(draft: Draft, weights: Weights | null): Draft {
  return { ...draft, weights };
}

export function withTarget(draft: Draft, target: Target): Draft {
  return withValue(draft, "mode", target === "simple" ? "" : target);
}

export function targetOf(draft: Draft): Target {
  const mode = draft.values.mode;
  return mode === "health" || mode === "pareto" ? mode : "simple";
}

/** The body of `POST /jobs`. A text that is no value of its field stays a text: the server says what is wrong with it. */
export function specOf(draft: Draft, options: readonly SpecOption[]): SpecBody {
  const known = new Map(options.map((option) => [option.name, option]));
  const simple = targetOf(draft) === "simple";
  const spec: SpecBody = {};
  for (const [key, text] of Object.entries(draft.values)) {
    const [name = key] = key.split(":");
    const unused = key !== keyOf(draft, name) || (simple && name === "accuracy_weight");
    if (text.trim() === "" || unused) continue;
    spec[name] = jsonOf(text, known.get(name), name);
  }
  if (draft.weights && !simple) spec.health_weights = { ...draft.weights };
  const space = Object.entries(draft.space).filter(([, narrowing]) => !isEmpty(narrowing));
  if (space.length > 0) spec.space = Object.fromEntries(space.map(([name, one]) => [name, overrideOf(one)]));
  return spec;
}

const LISTS = new Set(["objective", "constraints"]);

/** The JSON value that a typed text stands for. */
export function jsonOf(text: string, option: SpecOption | undefined, name: string): Json {
  const written = text.trim();
  if (LISTS.has(name)) return listOrOne(written, name);
  if (option?.nullable && /^(none|null)$/i.test(written)) return null;
  if (option?.type === "boolean" && /^(true|false)$/.test(written)) return written === "true";
  if (!option || !isNumeric(option)) return written;
  const number = numberOf(written);
  if (name.endsWith("_s")) return seconds(number === null ? written : String(number), unitOf(name)) ?? written;
  return (option.type === "number" ? shareOf(written) : null) ?? number ?? written;
}

/** The number of a text; thousands may be separated by commas or spaces: "20,000". */
function numberOf(text: string): number | null {
  const plain = /^[-+]?\d{1,3}(?:[, ]\d{3})+$/.test(text) ? text.replace(/[, ]/g, "") : text;
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(plain) ? Number(plain) : null;
}

/** The share that a percentage means: "50 %" is 0.5. */
function shareOf(text: string): number | null {
  const number = text.endsWith("%") ? numberOf(text.slice(0, -1).trim()) : null;
  return number === null ? null : Number((number / 100).toPrecision(12));
}

function listOrOne(text: string, name: string): Json {
  const parts = text
    .replace(/^\[|\]$/g, "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  return name === "objective" && parts.length === 1 ? (parts[0] ?? "") : parts;
}

/** A draft as text for the tab's storage. */
export function stored(draft: Draft): string {
  return JSON.stringify(draft);
}

/** The draft of a stored text; null if the text holds none, as after an update of the page. */
export function restored(text: string | null): Draft | null {
  if (!text) return null;
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== "object" || found === null) return null;
    const { values, space, weights } = found as Partial<Draft>;
    if (!isTexts(values) || !isNarrowings(space)) return null;
    return { values, space, weights: isNumbers(weights) ? weights : null };
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === "string");
}

function isNumbers(value: unknown): value is Record<string, number> {
  return isRecord(value) && Object.values(value).every((number) => typeof number === "number");
}

function isNarrowings(value: unknown): value is Record<string, Narrowing> {
  return isRecord(value) && Object.values(value).every((one) => isRecord(one) && typeof one.values === "string");
}

/** How many of these fields were set. */
export function changedIn(draft: Draft, options: readonly SpecOption[]): number {
  return options.filter((option) => typed(draft, option.name).trim() !== "").length;
}
