/** What the figures about the course of a study show, in words: workers, rungs and training problems. */
import { count, wholePercent } from "../format";
import { objectiveText } from "../objectiveWords";
import { capital, plural, type Sentence, say, studyLink, trialLink } from "../sentence";
import { schedulerWords } from "../trialWords";
import type { RungSummary } from "./rungs";
import { ofNumbers, writeSelection } from "./selection";
import { span } from "./sentences";
import type { Timeline } from "./timeline";

export function timelineSentences(id: string, line: Timeline): Sentence[] {
  const lanes = line.lanes.length;
  if (lanes === 0) return [say("No trial has started.")];
  const found: Sentence[] = [
    say(
      `${plural(lanes, "trial")} at most ran at the same time. ${lanes === 1 ? "The worker was" : "The workers were"} busy ${wholePercent(line.busy)} of ${span(line.to - line.from)}.`,
    ),
  ];
  const { longest } = line;
  found.push(
    longest === null
      ? say("No worker was idle for more than a second.")
      : say(
          `The longest idle time was ${span(longest.to - longest.from)}, after `,
          { text: `trial ${longest.after}`, href: trialLink(id, longest.after) },
          ".",
        ),
  );
  return found;
}

/** What one place of comparison is called: "after epoch 3", "after 60 s". */
export function rungPlace({ at, unit, rung }: RungSummary): string {
  if (at === null) return `rung ${rung}`;
  return unit === "epoch" ? `after epoch ${count(at)}` : `after ${span(at * 1000)}`;
}

export function rungSentences(
  id: string,
  rungs: readonly RungSummary[],
  scheduler: string,
  trials: number,
  monitored: string,
): Sentence[] {
  const stopped = rungs.flatMap((rung) => rung.stopped);
  const name = capital(schedulerWords(scheduler));
  const places = rungs.filter(({ at }) => at !== null).map(rungPlace);
  const lead = places.length > 0 ? `${name} compared trials ${joined(places)}.` : `${name} compared trials.`;
  if (stopped.length === 0) return [say(lead), say(`It has stopped none of ${plural(trials, "trial")} early.`)];
  const most = rungs.reduce((one, other) => (other.stopped.length > one.stopped.length ? other : one));
  const cutoffs = most.cutoffs?.map((cutoff) => objectiveText(monitored, cutoff)) ?? [];
  const thresholds = [...new Set(cutoffs)].join(" to ");
  return [
    say(lead),
    say(
      "It stopped ",
      { text: `${count(stopped.length)} of ${plural(trials, "trial")}`, href: selectedLink(id, stopped) },
      ` early, ${stopped.length === most.stopped.length ? "all" : count(most.stopped.length)} of them ${most.at === null ? "at " : ""}${rungPlace(most)}, where ${thresholds === "" ? "the threshold is not known" : `the threshold was ${thresholds}`}.`,
    ),
  ];
}

function joined(places: readonly string[]): string {
  const texts = places.map((place, at) => (at === 0 ? place : place.replace(/^after (epoch )?/, "")));
  return texts.length < 2 ? (texts[0] ?? "") : `${texts.slice(0, -1).join(", ")} and ${texts[texts.length - 1]}`;
}

/** The list of exactly these trials. */
export function selectedLink(id: string, numbers: readonly number[]): string {
  return studyLink(id, "trials", { trials: writeSelection([ofNumbers(numbers)]) });
}
