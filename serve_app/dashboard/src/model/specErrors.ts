/** Which field each error of a refused study belongs to. */

import { browserWords } from "./browserWords";
import { fieldWords } from "./specAllowed";
import { label, type SpecOption } from "./specOptions";

/** What a problem of the API says, as far as a form needs it. */
export interface ProblemLike {
  status: number;
  detail: string;
  remedy: string | null;
  errors: readonly { field: string; message: string }[];
}

export interface FormError {
  /** The name of the field, such as `trials` or `space.learning_rate`; null if it belongs to none. */
  field: string | null;
  message: string;
}

const CONFLICT = 409;

/** The errors, each with its field where it names one, in words for the form. `options` are the fields of the form. */
export function formErrors(problem: ProblemLike, options: readonly SpecOption[]): FormError[] {
  const fields = new Set(options.map((one) => one.name));
  const sentences = problem.errors.length > 0 ? problem.errors : [{ field: "", message: withRemedy(problem) }];
  const found = sentences.map(({ field: place, message }) => {
    const own = fieldOf(place, fields);
    const field = own ?? named(message, fields) ?? (problem.status === CONFLICT ? "run_name" : null);
    const words = own === null ? message : fieldWords(message, optionOf(own, options));
    return { field, message: sentence(browserWords(words)) };
  });
  const seen = new Set<string>();
  return found.filter(({ field, message }) => {
    const key = `${field}: ${message}`;
    return seen.has(key) ? false : Boolean(seen.add(key));
  });
}

/** What the estimate says that cannot work, each with its field. */
export function formWarnings(
  problems: readonly { field: string; message: string }[] | undefined,
  options: readonly SpecOption[],
): FormError[] {
  if (!problems || problems.length === 0) return [];
  return formErrors({ status: 200, detail: "", remedy: null, errors: problems }, options);
}

function optionOf(field: string, options: readonly SpecOption[]): SpecOption | undefined {
  return options.find((one) => one.name === field);
}

/** The messages of each field. */
export function byField(errors: readonly FormError[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { field, message } of errors) {
    if (field !== null) found.set(field, [found.get(field), message].filter(Boolean).join(" "));
  }
  return found;
}

function withRemedy({ detail, remedy }: ProblemLike): string {
  return remedy ? `${detail}: ${remedy}` : detail;
}

/** The form's field that a place in the body belongs to: `space.learning_rate.low` is in space.learning_rate. */
function fieldOf(place: string, fields: ReadonlySet<string>): string | null {
  const parts = place.replace(/^(body|spec)\./, "").split(".");
  if (parts[0] === "space" && parts[1]) return `space.${parts[1]}`;
  if (parts[0] === "health_weights") return "health_weights";
  const first = parts[0] ?? "";
  return fields.has(first) ? first : null;
}

/**
 * The field that a message asks to leave out, else the first one that it names: before an equals sign, or with a name
 * that is no word of English, or at its beginning.
 */
function named(message: string, fields: ReadonlySet<string>): string | null {
  const without = /\bleave (\w+) out\b/.exec(message)?.[1] ?? "";
  if (fields.has(without)) return without;
  for (const found of message.matchAll(/\bspace\.(\w+)|\b([a-z][a-z_0-9]*)\b(=?)/g)) {
    const [, parameter, name = "", equals] = found;
    if (parameter) return `space.${parameter}`;
    if (fields.has(name) && (equals || name.includes("_") || found.index === 0)) return name;
  }
  return null;
}

/** The message as a sentence. */
function sentence(message: string): string {
  const text = message.trim();
  const begun = /^[a-z]+(?:[\s,']|$)/.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
  return `${begun}${/[.!?]$/.test(text) ? "" : "."}`;
}

const NAMES: Record<string, string> = {
  dataset: "Data set",
  mode: "Target",
  trials: "Networks to train",
  time_budget_s: "Time limit",
  max_epochs_per_trial: "Most epochs per network",
  concurrent_workers: "Networks at the same time",
  run_name: "Name",
};

/** How the form calls a field. */
export function placeName(field: string): string {
  return NAMES[field] ?? label(field.replace(/^space\./, ""));
}
