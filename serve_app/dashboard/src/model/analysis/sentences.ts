/** What the figures of the analysis show, in words. */
import { type Direction, directions } from "../direction";
import { count, duration, percent, value as written } from "../format";
import { objectiveName } from "../objectiveWords";
import { capital, listed, plural, type Sentence, say, trialLink, words } from "../sentence";
import type { TrialRecord } from "../trialRecord";
import type { Axis } from "./axis";
import { areaText, type Contour } from "./contour";
import { ENOUGH, type ImportanceMap, topOf } from "./importanceMap";
import type { ParetoPoint } from "./pareto";
import { PREFIX } from "./selection";

const link = (id: string, number: number, text = `trial ${number}`) => ({ text, href: trialLink(id, number) });

/** A label within a sentence. */
export const inSentence = (label: string) =>
  /^[A-Z][A-Z0-9]/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1);

export function importanceSentences(map: ImportanceMap, enough: boolean): Sentence[] {
  if (!enough) return [say(`It takes ${ENOUGH} trials with a result to tell what mattered.`)];
  const [first, ...others] = map.metrics;
  const top = first === undefined ? null : topOf(map, first);
  if (first === undefined || top === null || top.share === null) return [say("No hyperparameter stands out yet.")];
  const found = [
    say(
      `${capital(words(top.parameter))} mattered most for ${objectiveName(first)}: it explains ${percent(top.share, 0)} of the differences, judged by ${plural(top.count, "trial")}.`,
    ),
  ];
  const other = others
    .map((metric) => ({ metric, cell: topOf(map, metric) }))
    .find(({ cell }) => cell !== null && cell.parameter !== top.parameter);
  if (other?.cell) {
    found.push(
      say(`For ${objectiveName(other.metric)} it was ${words(other.cell.parameter)}, ${percent(other.cell.share, 0)}.`),
    );
  }
  return found;
}

export function parallelSentences(
  id: string,
  trials: readonly TrialRecord[],
  common: readonly { axis: Axis; values: string[] }[],
  best: { number: number; text: string } | null,
  /** Whether the importance of the hyperparameters is known. */
  important: boolean,
): Sentence[] {
  if (best === null) return [say("No selected trial has a result.")];
  const lead = say(`Of ${plural(trials.length, "trial")}, `, link(id, best.number), ` is the best with ${best.text}.`);
  if (trials.length < 10) return [lead];
  if (common.length === 0) {
    const which = important ? "most important" : "first";
    return [lead, say(`The best tenth have no narrow range of the ${which} hyperparameters in common.`)];
  }
  const texts = common.map(
    ({ axis, values }) =>
      `${inSentence(axis.label)} ${axis.scale.kind === "number" ? values.join(" to ") : listed(values)}`,
  );
  return [lead, say(`The best tenth have ${listed(texts)}.`)];
}

/** The direction of one hyperparameter for a result; undefined: none is clear. */
export function directionOf(
  trials: readonly TrialRecord[],
  x: Axis,
  result: Axis,
  lower: boolean,
): Direction | undefined {
  if (!x.key.startsWith(PREFIX)) return undefined;
  const judged = trials.map((trial) => {
    const value = result.of(trial);
    return {
      status: trial.status,
      objective: typeof value === "number" ? value : null,
      hyperparameters: trial.hyperparameters,
    };
  });
  const name = x.key.slice(PREFIX.length);
  return directions(judged, lower, name).get(name);
}

export function sliceSentences(
  id: string,
  x: Axis,
  result: Axis,
  drawn: number,
  direction: Direction | undefined,
  best: { number: number; value: string | null } | null,
): Sentence[] {
  if (drawn === 0) return [say("No selected trial has a result to draw.")];
  const name = inSentence(x.label);
  const metric = inSentence(result.label);
  const found: Sentence[] = [];
  if (direction === undefined) {
    const few = drawn < ENOUGH ? ` It takes ${ENOUGH} trials to tell one.` : "";
    found.push(say(`No clear direction of ${name} for ${metric}, by ${plural(drawn, "trial")}.${few}`));
  } else if (direction.kind === "choice") {
    found.push(say(`${capital(metric)} was best on average with ${name} ${written(direction.value)}.`));
  } else {
    found.push(say(`${direction.kind === "higher" ? "Higher" : "Lower"} values of ${name} did better for ${metric}.`));
  }
  if (best !== null) {
    const has = best.value === null ? `has no ${name}` : `has ${best.value}`;
    found.push(say("The best one, ", link(id, best.number), `, ${has}.`));
  }
  return found;
}

export function contourSentences(contour: Contour, x: Axis, y: Axis, result: Axis): Sentence[] {
  const [best, second] = [...contour.areas].sort((one, other) => other.share - one.share);
  if (best === undefined) return [say("No selected trial has a value of both hyperparameters and a result.")];
  const where = `${inSentence(x.label)} ${areaText(x, best.column)} and ${inSentence(y.label)} ${areaText(y, best.row)}`;
  const all = contour.columns * contour.rows;
  const mean = `${best.numbers.length === 1 ? "" : "a mean of "}${result.write(best.mean)} by ${plural(best.numbers.length, "trial")}`;
  const lead = second === undefined ? "All trials are in one area" : "The best area";
  const empty = all - contour.areas.length;
  return [
    say(`${lead}: ${where}, ${inSentence(result.label)} ${mean}.`),
    say(
      empty === 0
        ? "Every area has a trial."
        : `${count(empty)} of ${plural(all, "area")} have no trial and stay empty: nothing is estimated between trials.`,
    ),
  ];
}

export function paretoSentences(id: string, points: readonly ParetoPoint[], x: Axis, y: Axis): Sentence[] {
  const front = points.filter(({ onFront }) => onFront);
  const [first, last] = [front[0], front[front.length - 1]];
  if (first === undefined || last === undefined) return [say("No selected trial has completed with both values.")];
  const values = (point: ParetoPoint) =>
    `${inSentence(y.label)} ${y.write(point.y)}, ${inSentence(x.label)} ${x.write(point.x)}`;
  if (front.length === 1) {
    return [
      say(
        link(id, first.number, `Trial ${first.number}`),
        ` is the best of ${plural(points.length, "trial")} in both: ${values(first)}.`,
      ),
    ];
  }
  return [
    say(
      `${count(front.length)} of ${plural(points.length, "trial")} are on the front: no other is better in one of the two without losing in the other.`,
    ),
    say("Its ends: ", link(id, first.number), ` (${values(first)}) and `, link(id, last.number), ` (${values(last)}).`),
  ];
}

/** A length of time in milliseconds as words. */
export const span = (milliseconds: number) => duration(milliseconds / 1000);
