/** Training problems of trials, counted, with what helps; and what goes with better health. */
import { type AttentionGroup, attention, type TrialForAttention } from "../attention";
import { value as written } from "../format";
import { capital, listed, plural, type Sentence, say, trialLink, words } from "../sentence";
import type { Scalar } from "../trialRecord";
import { findingWords } from "../trialWords";
import { selectedLink } from "./courseSentences";

export interface Problem extends AttentionGroup {
  /** Short name: "Dying units", "Failed: out of memory". */
  name: string;
}

/** All groups of `attention`, the largest first. */
export function problemsOf(id: string, trials: Iterable<TrialForAttention>): Problem[] {
  return attention(id, trials)
    .map((group) => ({ ...group, name: nameOf(group) }))
    .sort((one, other) => other.trials.length - one.trials.length);
}

function nameOf({ key, title }: AttentionGroup): string {
  if (key.startsWith("finding:")) return findingWords(key.slice("finding:".length));
  return capital(title.replace(/^[\d,]+ trials? /, ""));
}

export function problemSentences(id: string, problems: readonly Problem[], trials: number): Sentence[] {
  const [first, second] = problems;
  if (first === undefined) return [say(`No training problem was found in ${plural(trials, "trial")}.`)];
  const numbers = first.trials.map(({ number }) => number);
  const found = [
    say(
      `Most frequent: ${lower(first.name)}, in `,
      {
        text: `${plural(numbers.length, "trial")} of ${trials.toLocaleString("en-US")}`,
        href: selectedLink(id, numbers),
      },
      ".",
    ),
  ];
  if (second !== undefined)
    found.push(say(`Then: ${lower(second.name)}, in ${plural(second.trials.length, "trial")}.`));
  return found;
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** The problems of the best trial, or that it has none. */
export function bestSentence(
  id: string,
  trial: { trial_number: number; advice: readonly { about: string }[] } | null,
): Sentence | null {
  if (trial === null) return null;
  const link = { text: `trial ${trial.trial_number}`, href: trialLink(id, trial.trial_number) };
  const names = [...new Set(trial.advice.map(({ about }) => lower(findingWords(about))))];
  if (names.length === 0) return say("The best one, ", link, ", has no training problem.");
  return say("The best one, ", link, `, has ${plural(names.length, "problem")}: ${listed(names)}.`);
}

interface Way {
  rank_correlation?: number | null;
  best_choice?: Scalar | null;
}

interface Drivers {
  drivers: { importance: Readonly<Record<string, number>> | null };
  directions: Readonly<Record<string, Way>>;
}

const MOST_DRIVERS = 2;

/** "Health depends most on learning rate and dropout. Lower dropout went with better health."; null: it is not known. */
export function driverSentence(study: Drivers | null): Sentence | null {
  const ranked = Object.entries(study?.drivers.importance ?? {}).sort((one, other) => other[1] - one[1]);
  if (study === null || ranked.length === 0) return null;
  const names = ranked.slice(0, MOST_DRIVERS).map(([name]) => name);
  const ways = names.flatMap((name) => wayText(name, study.directions[name]) ?? []);
  const more = ways.length > 0 ? ` ${capital(listed(ways))} went with better health.` : "";
  return say(`Health depends most on ${listed(names.map(words))}.${more}`);
}

function wayText(name: string, way: Way | undefined): string | null {
  const { rank_correlation: correlation = null, best_choice: choice = null } = way ?? {};
  if (correlation !== null) return `${correlation > 0 ? "higher" : "lower"} ${words(name)}`;
  return choice === null ? null : `${words(name)} ${written(choice)}`;
}
