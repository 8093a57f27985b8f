/** What a network would be with other hyperparameters: the controls, what is asked of the server. Pure. */
import type { Scalar } from "./trialRecord";
import { words } from "./trialWords";

/** One parameter of `GET /jobs/{id}/space`. */
export interface SpaceParameter {
  key: string;
  name: string;
  meaning: string;
  kind: string;
  low: number | null;
  high: number | null;
  log: boolean;
  choices: readonly Scalar[] | null;
  when: Readonly<Record<string, readonly Scalar[]>>;
}

export type Values = Readonly<Record<string, Scalar>>;

interface Named {
  /** Name of the hyperparameter. */
  name: string;
  label: string;
  meaning: string;
  value: Scalar;
  /** Whether it differs from the value of the trial. */
  changed: boolean;
  /** Whether it can change the layers; the others change time and memory only. */
  ofNetwork: boolean;
}

export type Control = Named &
  (
    | { kind: "range"; low: number; high: number; log: boolean; integer: boolean }
    | { kind: "steps"; choices: readonly number[] }
    | { kind: "choice"; choices: readonly Scalar[] }
    | { kind: "switch" }
  );

const OF_TRAINING =
  /^(optimizer|learning_rate|momentum|weight_decay|label_smoothing|batch_size|epochs|initializer|dropout)|^augment/;

/** Whether a parameter exists with these values. */
const exists = ({ when }: SpaceParameter, values: Values): boolean =>
  Object.entries(when).every(([name, allowed]) => {
    const value = values[name];
    return value !== undefined && allowed.includes(value);
  });

/**
 * A control for each parameter that exists with these values and has more than one possible value; those of the network
 * first. `known` holds all values, also those that the server completed; `changes` are those that a person changed.
 */
export function whatIfControls(space: readonly SpaceParameter[], known: Values, changes: Values): Control[] {
  const names = new Set<string>();
  const found = space.flatMap((parameter): Control[] => {
    const value = known[parameter.name];
    if (value === undefined || names.has(parameter.name) || !exists(parameter, known)) return [];
    names.add(parameter.name);
    const control = controlOf(parameter, {
      name: parameter.name,
      label: words(parameter.name),
      meaning: parameter.meaning,
      value,
      changed: parameter.name in changes,
      ofNetwork: !OF_TRAINING.test(parameter.name),
    });
    return control === null ? [] : [control];
  });
  return [...found.filter(({ ofNetwork }) => ofNetwork), ...found.filter(({ ofNetwork }) => !ofNetwork)];
}

/** The space with the epochs free from the fewest that the study allows: a trial may have planned fewer than the most. */
export function withFreeEpochs(space: readonly SpaceParameter[], fewest: number): SpaceParameter[] {
  return space.map((parameter) =>
    parameter.name === "epochs" && parameter.high !== null ? { ...parameter, low: fewest } : parameter,
  );
}

function controlOf(parameter: SpaceParameter, named: Named): Control | null {
  const { choices, kind, low, high, log } = parameter;
  if (kind === "bool" || (choices?.length === 2 && choices.every((choice) => typeof choice === "boolean"))) {
    return choices !== null && choices.length < 2 ? null : { ...named, kind: "switch" };
  }
  if (choices !== null) {
    if (choices.length < 2) return null;
    const numbers = choices.filter((choice) => typeof choice === "number");
    if (numbers.length < choices.length) return { ...named, kind: "choice", choices };
    return { ...named, kind: "steps", choices: [...numbers].sort((a, b) => a - b) };
  }
  if (low === null || high === null || low >= high) return null;
  return { ...named, kind: "range", low, high, log: log && low > 0, integer: kind === "int" };
}

/** Positions of a slider from its left to its right end. */
export const LAST_POSITION = 200;

/** The last position of a control's slider: few whole numbers have one each. */
export function lastPosition(control: Control): number {
  if (control.kind === "steps") return control.choices.length - 1;
  if (control.kind !== "range") return 1;
  const whole = control.high - control.low;
  return control.integer && !control.log && whole <= LAST_POSITION ? whole : LAST_POSITION;
}

/** Where the slider of a value stands. A value outside of the range stands at its end. */
export function positionOf(control: Control): number {
  const last = lastPosition(control);
  const value = Number(control.value);
  if (control.kind === "steps") {
    const distances = control.choices.map((choice) => Math.abs(choice - value));
    return distances.indexOf(Math.min(...distances));
  }
  if (control.kind !== "range" || !Number.isFinite(value)) return 0;
  const { low, high, log } = control;
  const share = log ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.round(Math.min(1, Math.max(0, share)) * last);
}

/** The value at a position: a whole number, or one of three significant digits. */
export function valueAt(control: Control, position: number): number {
  if (control.kind === "steps") return control.choices[position] ?? control.choices[0] ?? 0;
  if (control.kind !== "range") return position;
  const { low, high, log, integer } = control;
  const share = position / lastPosition(control);
  const exact = log ? low * (high / low) ** share : low + (high - low) * share;
  const rounded = integer ? Math.round(exact) : Number(exact.toPrecision(3));
  return Math.min(high, Math.max(low, rounded));
}

/** The values with one of them changed; a value like the trial's own is no change. */
export function withChange(changes: Values, own: Values, name: string, value: Scalar): Values {
  const { [name]: _, ...others } = changes;
  return own[name] === value ? others : { ...others, [name]: value };
}

/**
 * What the server is asked: the trial's values with the changes, those only that the search space knows. The server leaves
 * out values whose condition no longer holds, and completes missing ones. A value of the trial is missing too where a
 * change gave its parameter another range: the learning rate of SGD means little to Adam.
 */
export function askedValues(space: readonly SpaceParameter[], own: Values, changes: Values): Values {
  const values = { ...own, ...changes };
  const names = new Set(space.map(({ name }) => name));
  const rangeOf = (name: string, known: Values) =>
    space.find((parameter) => parameter.name === name && exists(parameter, known))?.key;
  const kept = Object.entries(values).filter(
    ([name]) => names.has(name) && (name in changes || rangeOf(name, values) === rangeOf(name, own)),
  );
  return Object.fromEntries(kept);
}

/** Changes as texts for the address: "filters_1=64". */
export function writeChanges(changes: Values): string[] {
  return Object.entries(changes).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
}

/** Changes from the address; texts that are no change are left out. */
export function readChanges(texts: readonly string[]): Values {
  return Object.fromEntries(
    texts.flatMap((text) => {
      const sign = text.indexOf("=");
      const value = sign < 1 ? undefined : parsed(text.slice(sign + 1));
      return value === undefined ? [] : [[text.slice(0, sign), value] as const];
    }),
  );
}

function parsed(text: string): Scalar | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)
      ? (value as Scalar)
      : undefined;
  } catch {
    return undefined;
  }
}
