/** What the panel "What decided" says beside the shares, and while there are none. */
import type { Direction } from "./direction";
import { count, value } from "./format";
import { plural } from "./sentence";
import type { Scalar } from "./trialRecord";

/** Fewer trials say nothing about importance: the server needs this many. */
export const NEEDED_TRIALS = 10;

/** Why nothing is shown yet, and what shows it. `gave`: trials with a result. `planned`: trials that the study has. */
export function decidedLater(gave: number, planned: number, ended: boolean): string {
  const results = plural(gave, "trial has a result", "trials have a result");
  if (ended) return `${results}. Search ten or more networks to see it: choose “More trials” above.`;
  const now = gave === 0 ? "No trial has a result yet" : `${results} so far`;
  if (planned < NEEDED_TRIALS) {
    return `${now}. This study searches ${plural(planned, "network")}; it takes ten or more: “More trials” adds some when it has ended.`;
  }
  return `It is shown when ${count(NEEDED_TRIALS)} trials have a result. ${now}.`;
}

/** "Lower values did better; the best trial has 32." `best` is undefined: the best trial has none, or is not known. */
export function decidedLine(direction: Direction | undefined, best: Scalar | undefined): string {
  const way = directionText(direction);
  return best === undefined ? `${way}.` : `${way}; the best trial has ${value(best)}.`;
}

function directionText(direction: Direction | undefined): string {
  if (direction === undefined) return "No clear direction";
  if (direction.kind === "choice") return `Best on average with ${value(direction.value)}`;
  return direction.kind === "higher" ? "Higher values did better" : "Lower values did better";
}
