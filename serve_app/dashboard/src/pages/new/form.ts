import { createContext, useContext } from "react";
import { type Draft, typed, withValue } from "../../model/specDraft";
import { followingNote } from "../../model/specFollowing";
import type { SpecOption } from "../../model/specOptions";

/** What every control of the form needs. */
export interface Form {
  draft: Draft;
  options: readonly SpecOption[];
  /** The whole spec as the server would run it: the defaults of fields that nobody set. */
  resolved: Readonly<Record<string, unknown>>;
  errors: ReadonlyMap<string, string>;
  /** What cannot work with the machines or the search space, by field. */
  warnings: ReadonlyMap<string, string>;
  change: (next: (draft: Draft) => Draft) => void;
}

export const FormContext = createContext<Form | null>(null);

export function useForm(): Form {
  const form = useContext(FormContext);
  if (form === null) throw new Error("a control of the form stands outside of it");
  return form;
}

/** One field of the form: its text, its error, its description, and what is to be known of its value. */
export function useField(name: string) {
  const { draft, options, resolved, errors, warnings, change } = useForm();
  const option = options.find((one) => one.name === name);
  const text = typed(draft, name);
  const notes = [followingNote(option, text, resolved), warnings.get(name)].filter(Boolean);
  return {
    option,
    text,
    note: notes.length === 0 ? null : notes.join(" "),
    effective: name in resolved ? resolved[name] : option?.default_value,
    error: errors.get(name) ?? null,
    set: (text: string) => change((before) => withValue(before, name, text)),
  };
}

/** Moves the focus to the control of a field, and shows it. */
export function focusField(name: string): boolean {
  const holder = document.querySelector(`[data-field="${CSS.escape(name)}"]`);
  const control = holder?.querySelector<HTMLElement>("input:checked, input:not([type=radio]), select, button");
  control?.scrollIntoView({ block: "center" });
  control?.focus({ preventScroll: true });
  return control !== null && control !== undefined;
}
