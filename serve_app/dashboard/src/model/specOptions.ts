/** The fields of a study, as `GET /options` describes them: which control each one gets, and how it is searched. */

import { count } from "./format";

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

export interface SpecOption {
  name: string;
  group: string;
  /** The allowed values in words, such as "whole number from 1 to 100,000". */
  kind: string;
  /** The default in words. */
  default: string;
  meaning: string;
  /** Type of its values, beside its choices. */
  type: "integer" | "number" | "boolean" | "text" | "choice" | "list" | "object";
  default_value: unknown;
  /** Whether none is a value: it switches something off. */
  nullable: boolean;
  /** Its values; of another type than choice, values that it may have besides, such as auto. */
  choices: readonly unknown[] | null;
  /** Its limits; null or absent: none. */
  minimum?: number | null;
  maximum?: number | null;
  exclusive_minimum?: number | null;
  exclusive_maximum?: number | null;
}

export type Control = "choice" | "number" | "text";

/** Fields with a place of their own on the page. */
export const BASIC = [
  "dataset",
  "mode",
  "trials",
  "time_budget_s",
  "max_epochs_per_trial",
  "concurrent_workers",
  "run_name",
] as const;
/** Fields that are shown in a form of their own, or that a study over HTTP may not have: paths of the server. */
const ELSEWHERE = new Set<string>([...BASIC, "space", "health_weights", "accuracy_weight", "data_dir", "storage_path"]);

export function isNumeric(option: SpecOption): boolean {
  return option.type === "integer" || option.type === "number";
}

/** The values of a field that has a few, as texts; null if it takes others too. An objective may be several of them. */
export function choicesOf(option: SpecOption): string[] | null {
  const named = (option.choices ?? []).map(String);
  if (option.type === "boolean") return ["true", "false", ...named];
  return option.type === "choice" && option.name !== "objective" ? named : null;
}

export function controlOf(option: SpecOption): Control {
  if (choicesOf(option)) return "choice";
  return isNumeric(option) ? "number" : "text";
}

const WORDS: Record<string, string> = { true: "Yes", false: "No" };

/** A choice as people read it: true is "Yes". */
export function choiceLabel(choice: string): string {
  return WORDS[choice] ?? choice;
}

/** The value of a field as the text that a person would type. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "none";
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The default of a field in words; `resolved` is the value that the server would use for this very study. */
export function defaultWords(option: SpecOption, resolved?: unknown): string {
  if (typeof resolved === "number" && Number.isInteger(resolved)) return count(resolved);
  if (resolved !== undefined && (typeof resolved !== "object" || Array.isArray(resolved) || resolved === null)) {
    return Array.isArray(resolved) && resolved.length === 0 ? "none" : choiceLabel(textOf(resolved));
  }
  return choiceLabel(option.default);
}

/** The meaning without what concerns only those who write JSON, and without a default that the form says itself. */
export function meaningWords(option: SpecOption): string {
  return option.meaning.replace(/ \(null in JSON\)/g, "").replace(/ ?\bDefault: no (?:limit|target)\.$/, "");
}

/** The allowed range in words, without limits that nobody reaches; empty for a choice, whose values are listed. */
export function rangeWords(option: SpecOption): string {
  if (!isNumeric(option)) return "";
  return option.kind.replace(/ to 9,223,372,036,854,775,807| to 1,000,000,000\.0| below 2,147,483,648/, "");
}

export interface OptionGroup {
  name: string;
  options: SpecOption[];
}

/** The fields of "Advanced", by group in the server's order; with a search only those that contain every word. */
export function advancedGroups(options: readonly SpecOption[], search: string): OptionGroup[] {
  const groups: OptionGroup[] = [];
  for (const option of options) {
    const base = option.name.split(".")[0] ?? option.name;
    if (ELSEWHERE.has(base) || !matches(search, option.name, option.meaning, option.group)) continue;
    let group = groups.find((one) => one.name === option.group);
    if (!group) {
      group = { name: option.group, options: [] };
      groups.push(group);
    }
    group.options.push(option);
  }
  return groups;
}

/** Whether the texts contain every word of the search, whatever the case; "_" and space are the same. */
export function matches(search: string, ...texts: string[]): boolean {
  const inside = plain(texts.join(" "));
  return plain(search)
    .split(" ")
    .every((word) => inside.includes(word));
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll("_", " ").trim().replace(/\s+/g, " ");
}

/** Labels of fields whose names mislead: this one is a share, from 0 to 1. */
const LABELS: Readonly<Record<string, string>> = { sample_percentage: "Share of the training data" };

/** A field's name as a label: `early_stopping_patience` is "Early stopping patience". */
export function label(name: string): string {
  const own = LABELS[name];
  if (own !== undefined) return own;
  const words = name.replace(/_(s|mb)$/, "").replaceAll("_", " ");
  const written = words.replace(/\b(gpu|gpus|cpu|cpus|xla)\b/g, (word) => word.toUpperCase().replace(/S$/, "s"));
  return written.replace("runpod", "RunPod").replace(/^./, (first) => first.toUpperCase());
}

/** The names in a text such as "val_accuracy, parameter_count", or in a value of the server. */
export function namesIn(value: unknown): string[] {
  const listed = Array.isArray(value)
    ? value.map(String)
    : String(value ?? "")
        .replace(/^\[|\]$/g, "")
        .split(",");
  return listed.map((name) => name.trim()).filter((name) => name !== "");
}

/** The text with a name added at the end, or taken out. */
export function withName(text: string, name: string): string {
  const names = namesIn(text);
  const others = names.filter((one) => one !== name);
  return (others.length < names.length ? others : [...names, name]).join(", ");
}
