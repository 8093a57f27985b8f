/**
 * Which trials a person has selected by brushing: conditions on hyperparameters and results that must all hold. It is
 * written into the address as `trials=hp.learning_rate:0.001..0.01;hp.optimizer:adam|sgd;objective:0.9..`. A part is a
 * range with both ends included (an empty end is open), one value, or `~`: the trial has no such value.
 */
import { trialColumns } from "../trialColumns";
import type { Scalar, TrialRecord } from "../trialRecord";

export type Part =
  | { kind: "range"; low: number | null; high: number | null }
  | { kind: "value"; text: string }
  | { kind: "absent" };

/** It holds if one of its parts does. */
export interface Condition {
  /** As a column of the table of trials: `hp.dropout`, `parameters`. */
  key: string;
  parts: readonly Part[];
}

export type Selection = readonly Condition[];

export const NO_SELECTION: Selection = [];
export const PREFIX = "hp.";
const ABSENT = "~";
const FIXED = new Map(trialColumns(true, []).map((column) => [column.key, column.of]));

/** The value that a condition with this key is about; null: the trial has none. */
export function trialValue(trial: TrialRecord, key: string): Scalar | null {
  if (key.startsWith(PREFIX)) return trial.hyperparameters[key.slice(PREFIX.length)] ?? null;
  if (key === "objective" && trial.status === "running") return null; // it may still change
  return FIXED.get(key)?.(trial) ?? null;
}

/** Conditions of the address. What is no condition is left out. */
export function readSelection(text: string | null): Selection {
  const found: Condition[] = [];
  for (const written of (text ?? "").split(";")) {
    const at = written.indexOf(":");
    if (at < 1) continue;
    const parts = written
      .slice(at + 1)
      .split("|")
      .flatMap((part) => readPart(part) ?? []);
    if (parts.length > 0) found.push({ key: written.slice(0, at), parts });
  }
  return found;
}

function readPart(text: string): Part | null {
  if (text === "") return null;
  if (text === ABSENT) return { kind: "absent" };
  const [, low, high] = /^(.*)\.\.(.*)$/.exec(text) ?? [];
  if (low === undefined || high === undefined) return { kind: "value", text: readSigns(text) };
  const [from, to] = [boundOf(low), boundOf(high)];
  return from === undefined || to === undefined ? null : { kind: "range", low: from, high: to };
}

function boundOf(text: string): number | null | undefined {
  if (text === "") return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** Null: nothing is selected. */
export function writeSelection(selection: Selection): string | null {
  if (selection.length === 0) return null;
  return selection.map(({ key, parts }) => `${key}:${parts.map(writePart).join("|")}`).join(";");
}

function writePart(part: Part): string {
  if (part.kind === "absent") return ABSENT;
  return part.kind === "range" ? `${part.low ?? ""}..${part.high ?? ""}` : writeSigns(part.text);
}

/** Signs with a meaning of their own, inside a value. */
const writeSigns = (text: string) =>
  text.replace(/[%;:|~]|\.\./g, (sign) => [...sign].map((one) => `%${one.charCodeAt(0).toString(16)}`).join(""));

function readSigns(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** Whether a trial meets all conditions. */
export function selects(selection: Selection): (trial: TrialRecord) => boolean {
  return (trial) => selection.every(({ key, parts }) => parts.some((part) => holds(part, trialValue(trial, key))));
}

function holds(part: Part, value: Scalar | null): boolean {
  if (part.kind === "absent") return value === null;
  if (value === null) return false;
  if (part.kind === "value") return String(value) === part.text;
  return (
    typeof value === "number" && (part.low === null || value >= part.low) && (part.high === null || value <= part.high)
  );
}

export function conditionOf(selection: Selection, key: string): Condition | undefined {
  return selection.find((condition) => condition.key === key);
}

/** The selection with another condition for a key; no parts remove it. */
export function withCondition(selection: Selection, key: string, parts: readonly Part[]): Selection {
  const others = selection.filter((condition) => condition.key !== key);
  return parts.length === 0 ? others : [...others, { key, parts }];
}

/** A condition that exactly these trials meet: runs of numbers are ranges. */
export function ofNumbers(numbers: readonly number[]): Condition {
  const parts: Part[] = [];
  const ordered = [...new Set(numbers)].sort((one, other) => one - other);
  for (let from = 0; from < ordered.length; ) {
    let to = from;
    while (to + 1 < ordered.length && (ordered[to + 1] ?? 0) === (ordered[to] ?? 0) + 1) to += 1;
    const [low = 0, high = 0] = [ordered[from], ordered[to]];
    parts.push(low === high ? { kind: "value", text: String(low) } : { kind: "range", low, high });
    from = to + 1;
  }
  return { key: "trial_number", parts };
}
