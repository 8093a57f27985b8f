/** The draft that gives the same study once more: `/new?from=ID`. */
import { type Draft, EMPTY, OBJECTIVE_OF, type Target, withTarget, withValue } from "./specDraft";
import { durationText } from "./specDuration";
import { type SpecOption, textOf } from "./specOptions";
import { type Narrowing, narrowingOf, type Override } from "./specSpace";
import { sameWeights } from "./specWeights";

/** Fields whose default follows from another field: a copy names them, whatever their value. */
const FOLLOWING: readonly { when: (spec: Spec) => boolean; fields: readonly string[] }[] = [
  { when: (spec) => spec.mode !== "pareto" && Array.isArray(spec.objective), fields: ["scheduler"] },
  { when: (spec) => /balanced_accuracy|macro_f1/.test(textOf(spec.objective)), fields: ["class_weight"] },
  { when: (spec) => spec.scheduler === "pbt", fields: ["searcher"] },
  { when: (spec) => spec.deterministic === true, fields: ["use_multi_gpu"] },
  { when: (spec) => spec.time_budget_s != null, fields: ["trials", "max_epochs_per_trial"] },
];
/** A copy needs a name of its own; folders belong to the operator. */
const NOT_COPIED = new Set(["mode", "run_name", "data_dir", "storage_path", "space", "health_weights"]);

export type Spec = Readonly<Record<string, unknown>>;

/** The draft of a study's whole spec: what differs from the defaults, and what would otherwise follow from it. */
export function copied(spec: Spec, options: readonly SpecOption[]): Draft {
  const named = new Set(FOLLOWING.filter((one) => one.when(spec)).flatMap((one) => one.fields));
  const space = spaceOf(spec.space);
  let draft = withTarget({ ...EMPTY, space, weights: weightsOf(spec.health_weights, options) }, modeOf(spec));
  for (const option of options) {
    const { name } = option;
    const value = spec[name];
    if (value === undefined || NOT_COPIED.has(name) || name.includes(".")) continue;
    if (named.has(name) || differs(value, option, spec)) draft = withValue(draft, name, written(name, value));
  }
  return draft;
}

function modeOf(spec: Spec): Target {
  return spec.mode === "health" || spec.mode === "pareto" ? spec.mode : "simple";
}

function differs(value: unknown, option: SpecOption, spec: Spec): boolean {
  const mode = modeOf(spec);
  if (option.name === "objective") return textOf(value) !== OBJECTIVE_OF[mode];
  if (option.name === "health_stop") return value !== (mode === "health");
  if (option.name === "scheduler" && mode === "pareto") return value !== "none";
  return textOf(value) !== textOf(option.default_value);
}

function written(name: string, value: unknown): string {
  return name.endsWith("_s") && typeof value === "number" ? durationText(value) : textOf(value);
}

function spaceOf(space: unknown): Record<string, Narrowing> {
  if (typeof space !== "object" || space === null) return {};
  return Object.fromEntries(Object.entries(space).map(([name, one]) => [name, narrowingOf(one as Override)]));
}

/** The six default weights, from the fields below health_weights. */
export function defaultWeights(options: readonly SpecOption[]): Record<string, number> {
  const below = options.filter((option) => option.name.startsWith("health_weights."));
  return Object.fromEntries(
    below.map((option) => [option.name.slice("health_weights.".length), Number(option.default_value)]),
  );
}

function weightsOf(weights: unknown, options: readonly SpecOption[]): Record<string, number> | null {
  if (typeof weights !== "object" || weights === null) return null;
  const found = Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, Number(weight)]));
  return sameWeights(found, defaultWeights(options)) ? null : found;
}
