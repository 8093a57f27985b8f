/** The command of the command line that starts the same study: `tuner run dataset=mnist trials=20`. */
import type { SpecBody } from "./specDraft";
import type { Json, SpecOption } from "./specOptions";

/** The whole command, quoted for a POSIX shell. */
export function commandOf(spec: SpecBody, options: readonly SpecOption[]): string {
  return ["tuner", "run", ...assignments(spec, options)].map(shellQuoted).join(" ");
}

/** The arguments KEY=VALUE, unquoted, data set first, search space last. */
export function assignments(spec: SpecBody, options: readonly SpecOption[]): string[] {
  const known = new Map(options.map((option) => [option.name, option]));
  const { dataset = "digits", space, health_weights: weights, ...others } = spec;
  const found = [`dataset=${fieldText(dataset, known.get("dataset"))}`];
  for (const [name, value] of Object.entries(others)) found.push(`${name}=${fieldText(value, known.get(name))}`);
  for (const [name, value] of entries(weights)) found.push(`health_weights.${name}=${yaml(value)}`);
  for (const [name, value] of entries(space)) found.push(...narrowings(`space.${name}`, value));
  return found;
}

/** One override; a form with a scale or a prior takes one argument per part. */
function narrowings(key: string, override: Json): string[] {
  if (!isObject(override)) return [`${key}=${yaml(override)}`];
  const { low, high, choices, ...others } = override;
  const found: string[] = [];
  if (low != null && high != null) found.push(`${key}=${yaml(low)}..${yaml(high)}`);
  else if (choices != null) found.push(`${key}=${yaml(choices)}`);
  else {
    if (low != null) found.push(`${key}.low=${yaml(low)}`);
    if (high != null) found.push(`${key}.high=${yaml(high)}`);
  }
  for (const [part, value] of Object.entries(others)) if (value != null) found.push(`${key}.${part}=${yaml(value)}`);
  return found;
}

/** A field's value as the command line reads it: texts as they are, everything else as YAML, null as none. */
function fieldText(value: Json, option: SpecOption | undefined): string {
  if (value === null) return "none";
  if (Array.isArray(value)) return value.map(String).join(",");
  if (typeof value !== "string") return yaml(value);
  const meansNull = option?.nullable === true && /^(none|null)$/i.test(value.trim());
  const quotes = value.length > 1 && /^(["']).*\1$/s.test(value);
  return meansNull || quotes ? JSON.stringify(value) : value;
}

const PLAIN = /^[A-Za-z_][\w./-]*$/;
const SPECIAL = /^(?:null|Null|NULL|true|True|TRUE|false|False|FALSE)$/;
const RANGE = /^[-+.\deE]+\.\.[-+.\deE]+$/;

/** A value as YAML in one line. */
function yaml(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(yaml).join(",")}]`;
  if (isObject(value))
    return `{${entries(value)
      .map(([name, one]) => `${name}: ${yaml(one)}`)
      .join(", ")}}`;
  if (typeof value !== "string") return String(value);
  const plain = RANGE.test(value) || (PLAIN.test(value) && !SPECIAL.test(value));
  return plain ? value : JSON.stringify(value);
}

/** A word as a POSIX shell reads it back unchanged. */
export function shellQuoted(word: string): string {
  if (/^[A-Za-z0-9@%+=:,./_-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function entries(value: Json | undefined): [string, Json][] {
  return isObject(value) ? Object.entries(value) : [];
}
