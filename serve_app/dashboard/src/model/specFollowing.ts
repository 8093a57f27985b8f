/** What a field says when its value has changed although nobody typed into it: other settings decide some defaults. */
import { defaultWords, type SpecOption, textOf } from "./specOptions";

/** Fields whose default is new for each study. */
const ALWAYS_NEW = new Set(["run_name"]);
const OF_TIME = new Set(["trials", "max_epochs_per_trial"]);

/** A sentence for a default that is another one here; null if it is the usual one, or if a value was typed. */
export function followingNote(
  option: SpecOption | undefined,
  text: string,
  resolved: Readonly<Record<string, unknown>>,
): string | null {
  if (!option || text.trim() !== "" || !(option.name in resolved) || ALWAYS_NEW.has(option.name)) return null;
  const now = resolved[option.name];
  if (textOf(now) === textOf(option.default_value)) return null;
  const change = `Changed from ${defaultWords(option, option.default_value)} to ${defaultWords(option, now)}`;
  if (!OF_TIME.has(option.name) || resolved.time_budget_s == null) return `${change} by another setting.`;
  return option.name === "trials"
    ? `${change} by the time limit: the time ends the search, not this number.`
    : `${change} by the time limit: good networks may use the time.`;
}
