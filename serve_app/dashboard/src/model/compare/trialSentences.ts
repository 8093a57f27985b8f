/** What the comparison of trials shows, in sentences: which one is better, by how much, and in what they differ. */
import { isShare, objectiveName, objectiveText } from "../objectiveWords";
import { listed, type Piece, plural, type Sentence, say } from "../sentence";
import type { TrialRecord } from "../trialRecord";
import { isLowerBetter } from "../trialStory";
import { statusWords } from "../trialWords";
import { chanceText } from "./chance";
import { type ParameterDifference, parameterDifferences } from "./trialRows";

export interface Context {
  /** Where the panel of a trial is. */
  href: (number: number) => string;
  /** The objective that decides which trial is the best. */
  objective: string;
  /** Validation samples; null: not known. */
  samples: number | null;
  /** Of hyperparameters, in [0, 1] by name; null: not known (yet). */
  importance: Readonly<Record<string, number>> | null;
}

/** The best first; trials without a value are left out. A running trial has none: it may still change. */
export function ranking(trials: readonly TrialRecord[], objective: string): { trial: TrialRecord; value: number }[] {
  const sign = isLowerBetter(objective) ? 1 : -1;
  return trials
    .flatMap((trial) =>
      trial.objective === null || trial.status === "running" ? [] : [{ trial, value: trial.objective }],
    )
    .sort((one, other) => sign * (one.value - other.value) || one.trial.number - other.trial.number);
}

export function compareSentences(trials: readonly TrialRecord[], context: Context): Sentence[] {
  const sentences = [leader(trials, context)];
  const ranked = ranking(trials, context.objective);
  const [first, second] = ranked;
  if (context.objective === "val_accuracy" && first !== undefined && second !== undefined) {
    const chance = chanceText(first.value, second.value, context.samples, "validation");
    if (chance !== null) sentences.push(say(chance));
  }
  const without = trials.filter((trial) => !ranked.some((one) => one.trial === trial));
  if (without.length > 0) sentences.push(withoutResult(without, context.href));
  if (trials.length > 1) sentences.push(...differences(trials, context));
  return sentences;
}

type Href = Context["href"];

function link(href: Href, number: number, text = `trial ${number}`): Piece {
  return { text, href: href(number) };
}

function leader(trials: readonly TrialRecord[], { href, objective }: Context): Sentence {
  const ranked = ranking(trials, objective);
  const [first, second] = ranked;
  if (first === undefined) return say("None of these trials has a result yet.");
  const text = objectiveText(objective, first.value);
  const name = link(href, first.trial.number, `Trial ${first.trial.number}`);
  const has = `${objectiveName(objective)} ${text}`;
  if (second === undefined) return say(name, ` is the only one with a result: ${has}.`);
  const next = link(href, second.trial.number);
  const gap = gapText(objective, first.value, second.value);
  if (gap === null) return say(name, " and ", next, ` are equally good: ${has}.`);
  const way = isLowerBetter(objective) ? "below" : "above";
  if (trials.length === 2) return say(name, ` is better: its ${has} is ${gap} ${way} that of `, next, ".");
  return say(
    name,
    ` is the best of these ${count(trials.length)}: its ${has} is ${gap} ${way} that of `,
    next,
    ", the next one.",
  );
}

const count = (trials: number) => (trials === 3 ? "three" : trials === 4 ? "four" : String(trials));

/** Null: they are equal as the page writes them. */
function gapText(objective: string, one: number, other: number): string | null {
  if (objectiveText(objective, one) === objectiveText(objective, other)) return null;
  const gap = Math.abs(one - other);
  return isShare(objective) ? `${(gap * 100).toFixed(1)} percentage points` : objectiveText(objective, gap);
}

function withoutResult(trials: readonly TrialRecord[], href: Href): Sentence {
  const pieces = trials.flatMap((trial, place) => [
    place === 0 ? "" : place === trials.length - 1 ? " and " : ", ",
    link(href, trial.number, place === 0 ? `Trial ${trial.number}` : undefined),
    ` (${statusWords(trial.status).toLowerCase()})`,
  ]);
  return say(...pieces, trials.length === 1 ? " has no result." : " have no result.");
}

/** Named with their values up to this number. */
const NAMED = 4;

function differences(trials: readonly TrialRecord[], { importance }: Context): Sentence[] {
  const { differing, of } = parameterDifferences(trials, importance);
  if (of === 0) return [];
  if (differing.length === 0) return [say("All their hyperparameters are equal: what differs between them is chance.")];
  const named = differing.slice(0, NAMED).map(differenceText);
  const more = differing.length - named.length;
  const list = listed(more > 0 ? [...named, `${plural(more, "other")}`] : named);
  const count = differing.length === 1 ? "only in" : `in ${differing.length} of ${of} hyperparameters:`;
  const sentences = [say(`They differ ${count} ${list}.`)];
  const top = differing[0];
  if (top !== undefined && differing.length > 1 && (importance?.[top.name] ?? 0) > 0) {
    sentences.push(say(`Of these, ${lower(top.label)} mattered most in this study.`));
  }
  return sentences;
}

function differenceText(difference: ParameterDifference): string {
  return `${lower(difference.label)} (${listed(difference.values)})`;
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
