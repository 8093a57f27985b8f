/** What the page says about a network that does not exist yet: in one sentence, and against the limits of its study. */
import { bytes, count, duration, NA, value } from "./format";
import { listed, plural } from "./sentence";
import type { Values } from "./whatIf";

/** A part of the answer of `POST /estimate`. Null: not known. */
export interface NetworkEstimate {
  parameters: number | null;
  memory_bytes: number | null;
  seconds_per_epoch: number | null;
  flops: number | null;
  hyperparameters?: Values | null;
}

/** Limits of a study's spec. */
export interface Limits {
  max_parameters?: number | null;
  max_memory_mb?: number | null;
}

export interface LimitRow {
  label: string;
  /** With the changed hyperparameters. */
  text: string;
  /** With those of the trial; null: nothing was changed. */
  before: string | null;
  /** The limit in words; null: the study has none. */
  limit: string | null;
  /** Part of the limit that is used; null: no limit, or not known. Above 1 the network would be rejected. */
  share: number | null;
}

const MIB = 2 ** 20;

/** Size, memory, work and time of the network, before and after the changes. */
export function limitRows(after: NetworkEstimate, before: NetworkEstimate | null, limits: Limits): LimitRow[] {
  const memory = limits.max_memory_mb == null ? null : limits.max_memory_mb * MIB;
  const training = trainingText(after);
  const earlier = before && trainingText(before);
  return [
    row("Parameters", count, after.parameters, before?.parameters ?? null, limits.max_parameters ?? null),
    row("Memory of weights and one batch", bytes, after.memory_bytes, before?.memory_bytes ?? null, memory),
    row("Operations per sample", operations, after.flops, before?.flops ?? null, null),
    row("Time per epoch", about, after.seconds_per_epoch, before?.seconds_per_epoch ?? null, null),
    {
      label: "Time of training",
      text: training,
      before: earlier === training ? null : earlier,
      limit: null,
      share: null,
    },
  ];
}

function row(
  label: string,
  write: (value: number | null) => string,
  after: number | null,
  before: number | null,
  limit: number | null,
): LimitRow {
  return {
    label,
    text: write(after),
    before: before === null || before === after ? null : write(before),
    limit: limit === null ? null : `at most ${write(limit)}`,
    share: limit === null || after === null || limit <= 0 ? null : after / limit,
  };
}

const about = (seconds: number | null): string => (seconds === null ? NA : `about ${duration(seconds)}`);

/** The seconds of all epochs that the trial plans: it may end earlier. */
function trainingText({ seconds_per_epoch: seconds, hyperparameters }: NetworkEstimate): string {
  const epochs = hyperparameters?.epochs;
  if (seconds === null || typeof epochs !== "number") return NA;
  return `${about(seconds * epochs)} for ${plural(epochs, "epoch")}`;
}

function operations(flops: number | null): string {
  if (flops === null || !Number.isFinite(flops)) return NA;
  const units = ["", " thousand", " million", " billion", " trillion"];
  let [left, unit] = [flops, 0];
  while (left >= 999.5 && unit < units.length - 1) {
    left /= 1000;
    unit += 1;
  }
  return `${unit === 0 || left >= 100 ? Math.round(left) : left.toFixed(1)}${units[unit]}`;
}

/** "With filters 1 = 64 instead of 32 the network has 1,203,000 parameters instead of 421,642." */
export function whatIfSentence(
  changes: Values,
  own: Values,
  after: NetworkEstimate,
  before: NetworkEstimate | null,
): string {
  const names = Object.keys(changes);
  const size = `${count(after.parameters)} parameters`;
  if (names.length === 0) return `As it is, the network has ${size}. Move a slider to see what changes.`;
  const shown = names.slice(0, MOST_NAMED).map((name) => changeText(name, changes, own));
  if (names.length > MOST_NAMED) shown.push(`${names.length - MOST_NAMED} more`);
  const parts = [sizePart(after, before), timePart(after, before)].filter((part) => part !== "");
  return `With ${listed(shown)}, ${listed(parts)}.`;
}

const MOST_NAMED = 3;

/** The changes that an answer knows already: while a slider moves, it may be that of the value before. */
export function answeredChanges(changes: Values, own: Values, answered: Values | null | undefined): Values {
  const told = Object.keys(changes).map((name) => [name, answered?.[name] ?? changes[name]] as const);
  return Object.fromEntries(told.filter(([name, now]) => now !== undefined && now !== own[name])) as Values;
}

function changeText(name: string, changes: Values, own: Values): string {
  const old = own[name];
  const now = `${name.replaceAll("_", " ")} = ${value(changes[name])}`;
  return old === undefined ? now : `${now} instead of ${value(old)}`;
}

function sizePart(after: NetworkEstimate, before: NetworkEstimate | null): string {
  if (before === null || before.parameters === after.parameters)
    return `the network has ${count(after.parameters)} parameters${before === null ? "" : " as before"}`;
  return `the network has ${count(after.parameters)} parameters instead of ${count(before.parameters)}`;
}

function timePart(after: NetworkEstimate, before: NetworkEstimate | null): string {
  const [now, old] = [after.seconds_per_epoch, before?.seconds_per_epoch ?? null];
  if (now === null || old === null || old <= 0) return "";
  const factor = now / old;
  if (factor > 0.9 && factor < 1.1) return "an epoch takes about as long";
  const size = (ratio: number): string => (ratio < 10 ? ratio.toFixed(1) : count(ratio));
  return factor > 1
    ? `an epoch takes about ${size(factor)} times as long`
    : `an epoch is ${size(1 / factor)} times as fast`;
}

/** The limits that the network exceeds, as a sentence; null: none. */
export function tooLarge(rows: readonly LimitRow[]): string | null {
  const over = rows.filter(({ share }) => share !== null && share > 1).map(({ label }) => label.toLowerCase());
  if (over.length === 0) return null;
  return `The study would reject it before training: ${listed(over)} ${over.length === 1 ? "is" : "are"} above the limit.`;
}
