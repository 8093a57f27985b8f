/** A trial's hyperparameters beside those of the best trial and the range that was searched. */
import { count, NA, value } from "./format";
import type { Scalar } from "./trialRecord";

/** One parameter of `GET /jobs/{id}/space`. */
export interface SpaceParameter {
  name: string;
  kind: string;
  low: number | null;
  high: number | null;
  log: boolean;
  choices: readonly Scalar[] | null;
  /** It exists only where each of these parameters has one of these values. */
  when: Readonly<Record<string, readonly Scalar[]>>;
}

export interface ParameterRow {
  name: string;
  own: string;
  best: string;
  /** Whether the best trial has another value, or none. */
  differs: boolean;
  range: string;
}

type Values = Readonly<Record<string, Scalar>>;

/** All parameters of both trials, the own ones first. `best` is null if there is no best trial, or it is this one. */
export function parameterRows(own: Values, best: Values | null, space: readonly SpaceParameter[]): ParameterRow[] {
  const names = [...new Set([...Object.keys(own), ...Object.keys(best ?? {})])];
  return names.map((name) => ({
    name,
    own: shown(own[name]),
    best: shown(best?.[name]),
    differs: best !== null && own[name] !== best[name],
    range: searchedText(name, own, space),
  }));
}

/** The range in words. With a time limit each trial gets the epochs that it should have the time for, so they vary. */
function searchedText(name: string, own: Values, space: readonly SpaceParameter[]): string {
  const ranges = rangesOf(name, own, space);
  const most = ranges[0]?.high ?? null;
  if (name !== "epochs" || most === null || ranges[0]?.low !== most) return rangeText(ranges);
  const planned = own.epochs;
  const fewer = typeof planned === "number" && planned < most;
  return `at most ${count(most)}${fewer ? "; fewer were planned here, to fit the time limit" : ""}`;
}

/** The ranges of a parameter: several have several, each under a condition. Those that hold for the trial come alone. */
function rangesOf(name: string, own: Values, space: readonly SpaceParameter[]): SpaceParameter[] {
  const named = space.filter((parameter) => parameter.name === name);
  const holding = named.filter(({ when }) =>
    Object.entries(when).every(([other, values]) => values.some((value) => value === own[other])),
  );
  return holding.length > 0 ? holding : named;
}

function shown(scalar: Scalar | undefined): string {
  return scalar === undefined ? NA : value(scalar);
}

/** `0.0001 to 0.01, logarithmic`; of several ranges each with its condition. */
export function rangeText(parameters: readonly SpaceParameter[]): string {
  if (parameters.length === 0) return "not searched";
  const texts = parameters.map((parameter) => {
    const condition = parameters.length > 1 ? conditionText(parameter.when) : "";
    return `${oneRange(parameter)}${condition}`;
  });
  return [...new Set(texts)].join("; ");
}

function conditionText(when: SpaceParameter["when"]): string {
  const parts = Object.entries(when).map(([name, values]) => `${name}=${values.map(value).join(" or ")}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

function oneRange(parameter: SpaceParameter): string {
  if (parameter.choices !== null && parameter.choices.length > 0) return parameter.choices.map(value).join(", ");
  if (parameter.kind === "bool") return "yes, no";
  if (parameter.low === null || parameter.high === null) return NA;
  const write = (end: number): string => (parameter.kind === "int" ? count(end) : value(end));
  if (parameter.low === parameter.high) return `always ${write(parameter.low)}`;
  return `${write(parameter.low)} to ${write(parameter.high)}${parameter.log ? ", logarithmic" : ""}`;
}
